// Verifies one repository of the archive from its visits down to every object id.
import type { Progress } from '../../contract/ingest.ts';
import { PivoError } from '../../contract/failures.ts';
import { objectsPath } from '../layout.ts';
import type { Store } from '../store.ts';
import type { RepositoryVerdict, Finding } from './findings.ts';
import type { Library } from './library.ts';
import { verifyHars } from './verify-hars.ts';
import { verifyObjects } from './verify-objects.ts';
import { verifyPacks } from './verify-packs.ts';
import { verifySnapshots, verifyVisits } from './verify-visits.ts';

export interface VerifyOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/**
 * Reads everything that the visits of a repository name: the chain of visits, snapshots with their ids recomputed, each pack
 * and index once against its visit and by git, what every state's refs reach, and checkouts that are Hadoop Archives. What is wrong is a finding, not a failure.
 * Fails with NotFound for an unknown repository, Cancelled, and as the store does when it does not answer.
 */
export async function verifyRepository(store: Store, library: Library, repository: string, { signal, onProgress }: VerifyOptions): Promise<RepositoryVerdict> {
  const findings: Finding[] = [];
  onProgress({ phase: `checking visits of ${repository}` });
  const visits = await verifyVisits(store, repository, findings);
  if (visits.length === 0 && findings.length === 0) throw new PivoError('NotFound', `there is no repository "${repository}" in the archive`, { hint: '`pivo repos` lists what is there.', facts: { repository } });
  const snapshots = await verifySnapshots(store, repository, visits, findings);
  const objectDirectory = store.localPath(objectsPath(repository)) ?? `${(await library.reader(repository)).gitDir}/objects`;
  const { packs, bytes, damaged } = await verifyPacks({ store, repository, visits, objectDirectory, findings, signal, onProgress });
  const onVisit = (done: number, total: number): void => onProgress({ phase: `walking the objects of ${repository}`, done, total });
  await verifyObjects({ repository, visits, snapshots, objectDirectory, damaged, findings, signal, onVisit });
  await verifyHars({ store, repository, visits, objectDirectory, damaged, findings, signal, onProgress });
  return { repository, ok: findings.length === 0, visits: visits.length, snapshots: snapshots.size, packs, bytes, findings };
}
