// One `git fetch` of all refs, watched and limited; where a damaged ref makes it fail as a whole, the rest by bisection.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { IngestLimits } from '../contract/ingest.ts';
import type { Hole } from '../contract/visit.ts';
import { lsRemote, type Advertisement } from '../git/ls-remote.ts';
import { startGit } from '../git/process.ts';
import { unquotePath } from '../git/quote.ts';
import { remoteFailure, type Remote } from '../git/remote.ts';
import type { ActRun } from './act.ts';
import { readGitProgress } from '../git/progress.ts';
import { ORIGIN_PREFIX, noteChild, type OriginCache } from './origin-cache.ts';

interface RefFetch {
  cache: OriginCache;
  remote: Remote;
  limits: IngestLimits;
  run: ActRun;
}

/** Bisection ends after this many fetches: an origin with so much damage needs a person. */
const MAX_BISECTIONS = 400;

/**
 * Brings all advertised refs and HEAD into the cache. Returns the refs that the origin cannot deliver.
 * Fails with LimitExceeded, Cancelled, or as `remoteFailure` says.
 */
export async function fetchRefs(fetch: RefFetch, advertised: Advertisement): Promise<Hole[]> {
  const head = advertised.head.oid === null ? [] : ['+HEAD:refs/h/HEAD'];
  try {
    await runFetch(fetch, ['--prune'], [`+refs/*:${ORIGIN_PREFIX}*`, ...head]);
    return [];
  } catch (error) {
    if (!isPivoError(error, 'OriginUnreachable')) throw error;
    await lsRemote(fetch.remote, { signal: fetch.run.signal }); // still there: so it is the content, not the connection
    return fetchAround(fetch, advertised, error);
  }
}

/** Brings objects by their ids, with what they reach. Fails as `fetchRefs` does; a server may refuse an id that no ref leads to. */
export const fetchById = (fetch: RefFetch, oids: readonly string[]): Promise<void> => runFetch(fetch, ['--stdin'], [], oids.map((oid) => Buffer.from(`${oid}\n`)));

/** Halves the refs until those that fail alone are known; the rest is fetched. */
async function fetchAround(fetch: RefFetch, advertised: Advertisement, failure: PivoError): Promise<Hole[]> {
  const holes: Hole[] = [];
  let fetches = 0;
  const bring = async (names: string[]): Promise<void> => {
    if (names.length === 0) return;
    if (++fetches > MAX_BISECTIONS) throw failure;
    try {
      await runFetch(fetch, ['--stdin'], [], names.map((name) => Buffer.concat([Buffer.from('+'), unquotePath(name), Buffer.from(`:${ORIGIN_PREFIX}`), unquotePath(name).subarray('refs/'.length), Buffer.from('\n')])));
    } catch (error) {
      if (!isPivoError(error, 'OriginUnreachable')) throw error;
      if (names.length === 1) holes.push(holeOf(names[0] ?? '', advertised, error));
      else for (const half of [names.slice(0, names.length >> 1), names.slice(names.length >> 1)]) await bring(half);
    }
  };
  await bring([...advertised.refs.keys()]);
  if (holes.length === advertised.refs.size) throw failure;
  return [...holes, ...(await bringHead(fetch, advertised, holes))];
}

/** HEAD's commit: that of its branch, or, where HEAD is detached, fetched by itself. */
async function bringHead(fetch: RefFetch, { head: { symref, oid } }: Advertisement, holes: readonly Hole[]): Promise<Hole[]> {
  if (oid === null) return [];
  if (symref !== null) return holes.filter((hole) => hole.ref === symref).map((hole) => ({ ...hole, ref: 'HEAD' }));
  try {
    await runFetch(fetch, [], ['+HEAD:refs/h/HEAD']);
    return [];
  } catch (error) {
    if (!isPivoError(error, 'OriginUnreachable')) throw error;
    return [{ ref: 'HEAD', oid, reason: reasonOf(error) }];
  }
}

function holeOf(ref: string, advertised: Advertisement, error: PivoError): Hole {
  const oid = advertised.refs.get(ref);
  if (oid === undefined) return { ref, reason: reasonOf(error) };
  return /^0+$/.test(oid) ? { ref, reason: 'the ref is broken at the origin: it names no object' } : { ref, oid, reason: reasonOf(error) };
}

const reasonOf = (error: PivoError): string => error.message.slice(0, 500);

const ARGS = ['fetch', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--update-shallow', '--force', '--progress', '--jobs=1'];

/** Where the origin is a path, its side runs here too: it streams large files as ours does. */
const uploadPackOf = (remote: Remote): string[] => (remote.protocol === 'file' ? ['--upload-pack=git -c core.bigFileThreshold=8m upload-pack'] : []);

async function runFetch(fetch: RefFetch, options: string[], refspecs: string[], lines?: Buffer[]): Promise<void> {
  const { cache, remote, limits, run } = fetch;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  try {
    const running = startGit([...ARGS, ...options, ...uploadPackOf(remote), '--end-of-options', remote.url, ...refspecs], {
      ...remote.git,
      gitDir: cache.gitDir,
      signal,
      config: { ...remote.git.config, 'fetch.unpackLimit': '1', 'core.fsync': 'none', 'fetch.writeCommitGraph': 'false', 'fetch.showForcedUpdates': 'false' },
      ...(lines === undefined ? {} : { input: Buffer.concat(lines) }),
      onStderr: (line) => {
        const progress = readGitProgress(line);
        if (progress === null) return;
        run.onProgress(progress);
        if ((progress.total ?? 0) > limits.objects) stop.abort(limitExceeded('objects', limits.objects));
        if ((progress.bytes ?? 0) > limits.bytes) stop.abort(limitExceeded('bytes', limits.bytes));
      },
    });
    if (lines === undefined) running.stdin.end();
    running.stdout.resume();
    await noteChild(cache, running.pid);
    await running.done;
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    if (await reachedFileLimit(cache, limits.bytes)) throw limitExceeded('bytes', limits.bytes);
    throw remoteFailure(error, remote.url);
  }
}

/** Past the run's seconds what is done with `within` is cancelled, whatever git waits for. Fails with LimitExceeded then. */
export async function withinSeconds<T>(run: ActRun, seconds: number, act: (within: ActRun) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(limitExceeded('seconds', seconds)), seconds * 1000);
  try {
    return await act({ ...run, signal: AbortSignal.any([run.signal, stop.signal]) });
  } catch (error) {
    throw stop.signal.aborted && !run.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** git was ended by its limit on files: it says nothing of that, but the pack that it wrote is as long as one may be. */
async function reachedFileLimit({ packs }: OriginCache, bytes: number): Promise<boolean> {
  const names = (await readdir(packs).catch(() => [])).filter((name) => name.startsWith('tmp_pack_'));
  const sizes = await Promise.all(names.map((name) => stat(join(packs, name)).then(({ size }) => size, () => 0)));
  return sizes.some((size) => size >= bytes);
}

const limitExceeded = (limit: keyof IngestLimits, value: number): PivoError =>
  new PivoError('LimitExceeded', `the fetch passed its limit of ${value} ${limit}`, { hint: `Raise limits.${limit} if the repository is that large; what was archived before is untouched.` });
