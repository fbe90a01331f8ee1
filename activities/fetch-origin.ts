// Fetches what the origin has and the archive lacks into the worker's cache, and notes the state of its refs.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { FetchOutcome, IngestJob } from '../contract/ingest.ts';
import type { Head, Ref } from '../contract/snapshot.ts';
import { hasGaps, type Hole } from '../contract/visit.ts';
import { checkObjects } from '../git/cat-file.ts';
import { lsRemote, type Advertisement } from '../git/ls-remote.ts';
import { startGit } from '../git/process.ts';
import { quoteLatin1 } from '../git/quote.ts';
import { withRemote, type Remote } from '../git/remote.ts';
import type { ActRun, ActivityDeps } from './act.ts';
import { fetchRefs, withinSeconds } from './fetch-refs.ts';
import { noteGone } from './gate.ts';
import { ORIGIN_PREFIX, endLeftoverChild, forgetOtherRuns, lastKnown, originCache, prepareCache, saveObservation, type Known, type Observation, type OriginCache } from './origin-cache.ts';

/** How often an origin may change under a fetch before the run gives up. */
const MAX_ROUNDS = 5;

/** Fails with OriginUnreachable, OriginRefused, OriginGone for a known origin that is not there any more, OriginChanging, LimitExceeded or Cancelled. */
export async function fetchOrigin(deps: ActivityDeps, job: IngestJob, attempt: ActRun): Promise<FetchOutcome> {
  const cache = originCache(deps.cache, job.repository);
  await endLeftoverChild(cache);
  await forgetOtherRuns(cache, job.runId);
  const known = await lastKnown(deps.store, job.repository);
  const limits = { memory: job.limits.memory, file: job.limits.bytes };
  const observation = await withinSeconds(attempt, job.limits.seconds, (run) => withRemote(job.origin, { ...deps, credential: job.credential, limits }, async (remote) => {
    run.onProgress({ phase: 'asking for refs' });
    const before = inKnownFormat(await lsRemote(remote, { signal: run.signal, maxRefs: job.limits.refs }), known);
    if (known !== null && isUnchanged(before, known)) return unchanged(known);
    checkSameFormat(before, known, remote.url);
    await prepareCache(cache, deps.store, job.repository, known, before.objectFormat, run.signal);
    return observe({ cache, remote, job, run, known }, before);
  })).catch((error: unknown) => gone(error, deps, known, attempt));
  await saveObservation(cache, job.runId, observation);
  return { unchanged: observation.unchanged, refs: observation.refs.length, ...(observation.unchanged && lfsIsDue(known) ? { lfs: true } : {}) };
}

/** Of an unchanged origin: nobody looked for objects of Git LFS yet, or some are missing. */
const lfsIsDue = (known: Known | null): boolean => known?.visit.lfs === undefined || known.visit.lfs.missing > 0;

/** An origin that was archived and is not there any more is an event of its own: it is noted in the archive, and no visit says that its refs are gone. */
async function gone(error: unknown, { store }: ActivityDeps, known: Known | null, { signal }: ActRun): Promise<never> {
  if (known === null || !isPivoError(error, 'OriginRefused') || error.facts['missing'] !== true) throw error;
  await noteGone(store, known, error.message, signal);
  const { repository, seq } = known.visit;
  throw new PivoError('OriginGone', `${error.message}; visit ${seq} of ${repository} stays what it was`, { hint: 'Where it moved, ingest the new URL under another name; to bring it back, `pivo restore`.', facts: { ...error.facts, visit: seq }, cause: error });
}

/** Same refs and HEAD as the last visit found; where that was incomplete or shallow, only a fetch can tell. */
function isUnchanged(now: Advertisement, { visit, snapshot }: Known): boolean {
  if (hasGaps(visit) || snapshot.shallow.length > 0) return false;
  const sameHead = now.head.oid === snapshot.head.oid && now.head.symref === snapshot.head.symref;
  return sameHead && now.refs.size === snapshot.refs.length && snapshot.refs.every((ref) => now.refs.get(ref.name) === ref.oid);
}

/** An origin without any object does not say which format it has: that of before. */
const inKnownFormat = (now: Advertisement, known: Known | null): Advertisement => (known === null || now.refs.size > 0 || now.head.oid !== null ? now : { ...now, objectFormat: known.snapshot.objectFormat });

/** Objects of two formats cannot share one set of packs. */
function checkSameFormat({ objectFormat }: Advertisement, known: Known | null, url: string): void {
  if (known === null || known.visit.packs.length === 0 || known.snapshot.objectFormat === objectFormat) return;
  throw new PivoError('NameConflict', `${url} now has ${objectFormat} object ids; what is archived under this name has ${known.snapshot.objectFormat}`, { hint: 'Back it up under another name with --name; what is archived stays.' });
}

function unchanged({ visit, sha256, snapshot }: Known): Observation {
  const { objectFormat, head, refs, shallow } = snapshot;
  return { previous: { seq: visit.seq, sha256 }, unchanged: true, objectFormat, head, refs, shallow, holes: visit.holes, ...(visit.lfs === undefined ? {} : { lfs: visit.lfs }), fsck: visit.fsck, packs: visit.packs, newPacks: [], fetched: { packs: 0, objects: 0, bytes: 0 }, checkout: null };
}

interface Fetching {
  cache: OriginCache;
  remote: Remote;
  job: IngestJob;
  run: ActRun;
  known: Known | null;
}

/** Fetches until what the origin says before and after agrees with what was fetched. */
async function observe(fetching: Fetching, first: Advertisement): Promise<Observation> {
  const { cache, remote, job, run, known } = fetching;
  let before = first;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const holes = await fetchRefs({ cache, remote, limits: job.limits, run }, before);
    const after = await lsRemote(remote, { signal: run.signal, maxRefs: job.limits.refs });
    const fetched = withoutHoles(await refsInCache(cache, run.signal), before, holes);
    if (agree(before, after, fetched, holes)) {
      const refs = await describeRefs(cache, fetched);
      const previous = known === null ? null : { seq: known.visit.seq, sha256: known.sha256 };
      return { previous, unchanged: false, objectFormat: before.objectFormat, head: headWithoutHole(after, holes), refs, shallow: await shallowBoundary(cache), holes, fsck: [], packs: null, newPacks: [], fetched: { packs: 0, objects: 0, bytes: 0 }, checkout: null };
    }
    run.log.info({ round }, 'the origin changed during the fetch: once more');
    before = after;
  }
  throw new PivoError('OriginChanging', `${remote.url} changed during each of ${MAX_ROUNDS} fetches`, { hint: 'Start again when fewer pushes arrive; it is also tried again by itself.' });
}

/** Where there are holes, the cache still has what refs were at the last visit: that is not what was found now. */
function withoutHoles(fetched: Map<string, string>, { refs }: Advertisement, holes: readonly Hole[]): Map<string, string> {
  if (holes.length === 0) return fetched;
  const missing = new Set(holes.map((hole) => hole.ref));
  return new Map([...fetched].filter(([name]) => refs.has(name) && !missing.has(name)));
}

/** HEAD keeps its branch; a commit that did not come over is not claimed. */
const headWithoutHole = ({ head }: Advertisement, holes: readonly Hole[]): Head => (holes.some((hole) => hole.ref === 'HEAD') ? { symref: head.symref, oid: null } : head);

function agree(before: Advertisement, after: Advertisement, fetched: Map<string, string>, holes: readonly Hole[]): boolean {
  if (before.head.oid !== after.head.oid || before.head.symref !== after.head.symref) return false;
  const missing = new Set(holes.flatMap((hole) => (hole.ref === undefined ? [] : [hole.ref])));
  const same = (refs: Map<string, string>): boolean => [...refs].every(([name, oid]) => missing.has(name) || fetched.get(name) === oid);
  return before.refs.size === after.refs.size && same(before.refs) && same(after.refs) && [...fetched.keys()].every((name) => after.refs.has(name));
}

/** What the cache has of the origin's refs, by their names at the origin. */
async function refsInCache(cache: OriginCache, signal: AbortSignal): Promise<Map<string, string>> {
  const listing = startGit(['for-each-ref', '--format=%(objectname) %(refname)', ORIGIN_PREFIX], { gitDir: cache.gitDir, signal });
  listing.stdin.end();
  let text = '';
  for await (const chunk of listing.stdout.setEncoding('latin1')) text += chunk as string;
  await listing.done;
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [quoteLatin1(`refs/${line.slice(line.indexOf(' ') + 1 + ORIGIN_PREFIX.length)}`), line.slice(0, line.indexOf(' '))]));
}

/** Types and final targets of all refs, in one pass. */
async function describeRefs(cache: OriginCache, refs: Map<string, string>): Promise<Ref[]> {
  const found = await checkObjects(cache.gitDir, [...refs.values()].flatMap((oid) => [oid, `${oid}^{}`]));
  return [...refs].map(([name, oid], i): Ref => {
    const object = found[2 * i];
    const peeled = found[2 * i + 1];
    if (object === null || object === undefined) throw new PivoError('GitFailed', `${name} was fetched, but its object ${oid} is not there`);
    return { name, oid, type: object.type, ...(object.type === 'tag' && peeled ? { peeled: peeled.oid } : {}) };
  });
}

async function shallowBoundary(cache: OriginCache): Promise<string[]> {
  const text = await readFile(join(cache.gitDir, 'shallow'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '').sort();
}
