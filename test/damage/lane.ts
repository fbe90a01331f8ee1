// One home with an archive, an index, an event log and caches, that is put back as it was before each case of the damage suite.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { addDecision } from '../../archive/decisions.ts';
import { openStore } from '../../archive/open.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { readVisit } from '../../archive/visits.ts';
import type { Visit } from '../../contract/visit.ts';
import { digestOfFile } from '../../metadata/digest.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { fixture } from '../fixtures/generate.ts';
import { importOn } from '../fixtures/history-shapes.ts';
import { openIngest } from '../harness/ingest.ts';
import { silentLog } from '../harness/temporal.ts';

const run = promisify(execFile);

export const REPOSITORY = 'execa';

export interface Lane {
  dir: string;
  /** The home that acts work on. */
  home: string;
  origin: string;
  /** The three visits as they were written. */
  visits: Visit[];
  /** Digest of the index. */
  digest: string;
}

export const archiveOf = (lane: Pick<Lane, 'home'>): string => join(lane.home, 'archive');
export const repositoryOf = (lane: Pick<Lane, 'home'>): string => join(archiveOf(lane), 'backups', REPOSITORY);
export const cacheOf = (lane: Pick<Lane, 'home'>): string => join(lane.home, 'cache');
export const indexOf = (lane: Pick<Lane, 'home'>): string => join(lane.home, 'pivo.db');
export const eventsOf = (lane: Pick<Lane, 'home'>): string => join(lane.home, 'events.db');
export const storeOf = (lane: Pick<Lane, 'home'>): ReturnType<typeof openStore> => openStore(`file://${archiveOf(lane)}`);

/** Three visits, the second of a force-push that is held and accepted, an index over them, warm caches; then the origin goes on. */
export async function makeLane(dir: string): Promise<Lane> {
  const lane = { dir, home: join(dir, 'home'), origin: join(dir, 'origin.git') };
  await mkdir(dir, { recursive: true });
  const { build, evolve } = fixture('force-push');
  await build(lane.origin);
  const harness = await openIngest(lane.home);
  harness.deps.gate = 'hold';
  await harness.ingest(lane.origin, REPOSITORY);
  await evolve?.(lane.origin);
  const { visit, snapshot } = await harness.ingest(lane.origin, REPOSITORY);
  await addDecision(harness.deps.store, { repository: REPOSITORY, decision: 'accept', visit, snapshot, by: 'ada', reason: 'They told us before.', time: '2026-11-21T10:00:00.000Z' });
  await importOn(lane.origin, 'refs/heads/main', 2);
  await harness.ingest(lane.origin, REPOSITORY);
  const service = new MetadataService({ index: indexOf(lane), events: harness.deps.events, store: harness.deps.store, cache: harness.deps.cache, log: silentLog });
  await service.waitFor(REPOSITORY, 3, AbortSignal.timeout(30_000));
  const library = openLibrary({ store: harness.deps.store, cache: harness.deps.cache });
  await (await library.reader(REPOSITORY)).commits();
  await library.close();
  await service.reindex('log', () => {}, new AbortController().signal);
  await service.stop();
  await harness.close();
  await importOn(lane.origin, 'refs/heads/main', 1);
  await run('cp', ['-a', lane.home, join(dir, 'saved')]);
  const visits = await Promise.all([1, 2, 3].map((seq) => readVisit(storeOf(lane), REPOSITORY, seq)));
  return { ...lane, visits, digest: digestOfFile(indexOf(lane)) };
}

/** Puts the home back as it was. */
export async function resetLane({ dir, home }: Lane): Promise<void> {
  await removeAll(home);
  await removeAll(join(dir, 'restored'));
  await run('cp', ['-a', join(dir, 'saved'), home]);
}

/** Removes a folder, write-protected or not. */
export async function removeAll(path: string): Promise<void> {
  await run('sh', ['-c', 'if [ -e "$1" ]; then chmod -R u+w "$1" && rm -rf "$1"; fi', 'sh', path]);
}

/** SHA-256 of every file below a folder, by its path. */
export async function hashes(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) found.set(relative(folder, path), await readlink(path));
    if (!entry.isFile()) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    found.set(relative(folder, path), hash.digest('hex'));
  }
  return found;
}
