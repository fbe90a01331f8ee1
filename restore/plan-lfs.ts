// What a restore will do with objects of Git LFS: how many the planned refs need, how many are not in the archive, and whether the target takes them.
import { isPivoError } from '../contract/failures.ts';
import type { PlannedLfs, PlannedRef } from '../contract/restore.ts';
import type { Head } from '../contract/snapshot.ts';
import type { Visit } from '../contract/visit.ts';
import { latestVisit } from '../archive/visits.ts';
import type { Store } from '../archive/store.ts';
import { configuredUrl, lfsPlaces } from '../lfs/endpoint.ts';
import { reachedObjects } from '../lfs/held.ts';
import { refusalOfTarget } from '../lfs/send.ts';
import type { TargetAccess, TargetState } from './target.ts';

interface LfsQuestion {
  repository: string;
  /** Holds the archive's objects. */
  gitDir: string;
  visit: Visit;
  refs: readonly PlannedRef[];
  head: Head;
  target: TargetState;
  /** False: the target is still to be made. */
  asks: boolean;
  /** False: only the pointers are to come back. */
  wanted: boolean;
}

/** Why no object is sent where nobody wants them. */
const LEFT_OUT = 'left out, as asked';

/** Null where no planned ref reaches a pointer. Fails as the store does, with GitFailed or Cancelled. */
export async function planLfs(question: LfsQuestion, { store, access, signal = new AbortController().signal }: { store: Store; access: TargetAccess; signal?: AbortSignal }): Promise<{ planned: PlannedLfs; warnings: string[] } | null> {
  const { repository, gitDir, visit, refs, head, target, asks, wanted } = question;
  const latest = visit.lfs === undefined ? await latestVisit(store, repository) : visit;
  if (latest?.lfs?.objects === 0) return null; // somebody looked, and there are none
  const { held, missing } = await reachedObjects(store, repository, gitDir, tipsOf(refs, head), signal);
  const [first] = held;
  const all = [...held, ...missing];
  if (all.length === 0) return null;
  const refused = wanted ? (first === undefined || !asks ? null : await refusal({ url: target.url, object: first }, access, signal)) : LEFT_OUT;
  const planned = { objects: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0), missing: missing.length, refused };
  return { planned, warnings: [...warningsOf(planned, target), ...(await elsewhere(gitDir, head, signal))] };
}

/** What the planned refs and HEAD point to. */
const tipsOf = (refs: readonly PlannedRef[], { oid }: Head): string[] => [...refs.filter(({ action }) => action !== 'refuse').map((ref) => ref.new), ...(oid === null ? [] : [oid])];

async function refusal({ url, object }: { url: string; object: { oid: string; size: number } }, access: TargetAccess, signal: AbortSignal): Promise<string | null> {
  try {
    const [place] = await lfsPlaces({ url, operation: 'upload', configured: null }, access, signal);
    return place === undefined ? null : await refusalOfTarget(place, object, signal);
  } catch (error) {
    if (isPivoError(error, 'UrlRefused', 'OriginRefused', 'CredentialMissing')) return error.message;
    if (isPivoError(error, 'Unavailable')) return null;
    throw error;
  }
}

const counted = (number: number): string => `${number} ${number === 1 ? 'object' : 'objects'} of Git LFS`;

function warningsOf({ objects, missing, refused }: PlannedLfs, { url, kind, absent }: TargetState): string[] {
  return [
    ...(missing === 0 ? [] : [`${counted(missing)} of ${objects} ${missing === 1 ? 'is' : 'are'} not in the archive: only the pointers come back (\`pivo lfs\` says which and why)`]),
    ...(refused === null || missing === objects ? [] : [`${counted(objects - missing)} will not be sent: ${refused === LEFT_OUT ? refused : `${url} takes none (${refused})`}; only the pointers come back`]),
    ...(kind === 'working' && absent && missing < objects ? ['the files of Git LFS are laid out as pointers: `git lfs checkout` in the target puts the objects in their place'] : []),
  ];
}

/** Clones of the target will ask the server that the repository itself names. */
async function elsewhere(gitDir: string, { oid }: Head, signal: AbortSignal): Promise<string[]> {
  const url = await configuredUrl(gitDir, oid, signal);
  return url === null ? [] : [`.lfsconfig in HEAD names another Git LFS server (${URL.parse(url)?.host ?? 'one that cannot be read'}): clones of the target ask that one until the file is changed`];
}
