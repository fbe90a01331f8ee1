// Lays the files of HEAD out in the archive, within a budget and not too often; what was left out is said in the visit.
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { IngestJob } from '../contract/ingest.ts';
import type { CheckoutRecord } from '../contract/visit.ts';
import { checkoutPath, repositoryPath } from '../archive/layout.ts';
import { isBeingRemoved } from '../archive/retention-plan.ts';
import type { CheckoutSource } from '../archive/store.ts';
import { listTree, type ListedEntry } from '../archive/tree-listing.ts';
import { openCatFile } from '../git/cat-file.ts';
import { quotePath, unquotePath } from '../git/quote.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { lastKnown, loadObservation, originCache, saveObservation, type Known, type Observation, type OriginCache } from './origin-cache.ts';

const SYMLINK = 0o120000;
const EXECUTABLE = 0o100755;

const none = (reason: string): CheckoutRecord => ({ commit: null, kind: 'none', path: null, time: null, reason, files: 0, bytes: 0, symlinks: [], executables: [], gitlinks: [], renamed: [] });

/** Fails with StorageFull, StorageReadOnly or WorkerLost; may be repeated. */
export async function putCheckout(deps: ActivityDeps, job: IngestJob, run: ActRun): Promise<{ files: number }> {
  const cache = originCache(deps.cache, job.repository);
  const observation = await loadObservation(cache, job.runId);
  const known = await lastKnown(deps.store, job.repository);
  const checkout = await decide(deps, job, run, cache, observation, known);
  await saveObservation(cache, job.runId, { ...observation, checkout });
  return { files: checkout.files };
}

async function decide(deps: ActivityDeps, job: IngestJob, run: ActRun, cache: OriginCache, observation: Observation, known: Known | null): Promise<CheckoutRecord> {
  const commit = observation.head.oid;
  const last = known?.visit.checkout ?? null;
  if (job.checkout === 'none') return none('policy none');
  if (job.checkout === 'har' && deps.store.localPath('') !== null) return none('policy har: Hadoop Archives are for HDFS');
  if (commit === null) return none('HEAD has no commit');
  if (last !== null && last.commit === commit) return last;
  const age = last?.time == null ? Number.POSITIVE_INFINITY : Date.now() - Date.parse(last.time); // below 0 where the clock was wrong then
  if (last !== null && age >= 0 && age < deps.checkout.every * 1000 && job.checkout === 'auto') {
    return { ...last, reason: `of an earlier commit: laid out at most every ${deps.checkout.every} seconds` };
  }
  if (await isBeingRemoved(deps.store, job.repository, commit, run.signal)) return none('the checkout of this commit is being removed: it is laid out again at the next change');
  try {
    const listed = await listWithinBudget(deps, cache, commit, run.signal);
    return typeof listed === 'string' ? none(listed) : await layOut(deps, job, run, cache, commit, listed, last);
  } catch (error) {
    if (!isPivoError(error, 'Damaged', 'GitFailed')) throw error;
    return none(`HEAD's files are not all there: ${error.message.slice(0, 300)}`); // the packs are the backup; a checkout is not worth losing it
  }
}

/** The entries of the commit, or why they are too many. */
async function listWithinBudget(deps: ActivityDeps, cache: OriginCache, commit: string, signal: AbortSignal): Promise<ListedEntry[] | string> {
  const { files, bytes } = deps.checkout;
  const listed: ListedEntry[] = [];
  let sum = 0;
  for await (const entry of listTree(cache.gitDir, commit, signal)) {
    listed.push(entry);
    sum += entry.bytes;
    if (listed.length > files) return `more than ${files} files: over the budget of a checkout`;
    if (sum > bytes) return `more than ${bytes} bytes: over the budget of a checkout`;
  }
  return listed;
}

async function layOut(deps: ActivityDeps, job: IngestJob, run: ActRun, cache: OriginCache, commit: string, listed: ListedEntry[], last: CheckoutRecord | null): Promise<CheckoutRecord> {
  const blobs = listed.filter((entry) => entry.kind === 'blob');
  const objects = openCatFile(cache.gitDir);
  try {
    let done = 0;
    const source: CheckoutSource = {
      entries: blobs,
      ...(job.checkout === 'files' || job.checkout === 'har' ? { kind: job.checkout } : {}),
      previous: await previousCheckout(job.repository, cache, last, run.signal),
      content: async (entry) => {
        run.onProgress({ phase: 'laying out the checkout', done: ++done, total: blobs.length });
        return (await found(objects.open(entry.oid, run.signal), entry.oid)).content;
      },
    };
    const laidOut = await deps.store.layOut(checkoutPath(job.repository, commit), source, run.signal);
    const symlinks: CheckoutRecord['symlinks'] = [];
    for (const { path, oid } of blobs.filter((entry) => entry.mode === SYMLINK)) symlinks.push({ path: quotePath(path), target: quotePath((await found(objects.read(oid), oid)).content) });
    return {
      commit,
      kind: laidOut.kind,
      path: laidOut.kind === 'har' ? `${commit}.har` : commit,
      time: new Date().toISOString(),
      reason: `policy ${job.checkout}`,
      files: laidOut.files,
      bytes: laidOut.bytes,
      symlinks,
      executables: blobs.filter((entry) => entry.mode === EXECUTABLE).map((entry) => quotePath(entry.path)),
      gitlinks: listed.filter((entry) => entry.kind === 'commit').map((entry) => ({ path: quotePath(entry.path), commit: entry.oid })),
      renamed: laidOut.renamed.map(({ path, stored, reason }) => ({ path: quotePath(path), stored, reason })),
    };
  } finally {
    await objects.close();
  }
}

/** The last checkout, when its commit is still known to the cache: files of the same blob and mode need no copy, but for those that lie there under another name or not at all. */
async function previousCheckout(repository: string, cache: OriginCache, last: CheckoutRecord | null, signal: AbortSignal): Promise<CheckoutSource['previous']> {
  if (last?.kind !== 'files' || last.commit === null || last.path === null) return null;
  const entries = new Map<string, string>();
  try {
    for await (const entry of listTree(cache.gitDir, last.commit, signal)) entries.set(entry.path.toString('latin1'), `${entry.mode} ${entry.oid}`);
  } catch {
    return null;
  }
  for (const { path } of last.renamed) entries.delete(unquotePath(path).toString('latin1'));
  return { path: `${repositoryPath(repository)}/${last.path}`, has: (path, oid, mode) => entries.get(path.toString('latin1')) === `${mode} ${oid}` };
}

async function found<T>(object: Promise<T | null>, oid: string): Promise<T> {
  const there = await object;
  if (there === null) throw new PivoError('Damaged', `object ${oid} of HEAD's tree is missing`);
  return there;
}
