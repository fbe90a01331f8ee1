// Act: waits until the gate of a kind opens: at enough records, bytes or seconds, whatever is first.
import { setTimeout as delay } from 'node:timers/promises';
import { isPivoError } from '../../contract/failures.ts';
import type { Opening } from '../../contract/spool-gate.ts';
import type { GateThresholds, SpoolKind } from '../../contract/spool.ts';
import { namesIn, type Segment } from '../../spool/listing.ts';
import { countFrames } from '../../spool/segment.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolOf } from './ports.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 100;
/** Segments of one batch at most: so many small files are moved and fsynced within a second or two. */
const MOST_SEGMENTS = 1_000;
/** Where much waits, a batch takes so many times the records or bytes that open its gate: each costs a process and some writes of Temporal. */
const BACKLOG = 10;

/** The segments that one batch would take now, oldest first. */
interface Taking {
  segments: number;
  records: number;
  bytes: number;
  /** Which threshold they reach first. */
  full: 'records' | 'bytes' | null;
}

/**
 * Null when nothing waits. A batch that a run before left goes first. Seconds are those of a clock that nobody sets, since this act
 * first saw that segments wait; no clock is asked for the time of day.
 */
export async function awaitSpoolOpening(deps: ActivityDeps, { kind }: { kind: SpoolKind }, run: ActRun): Promise<Opening | null> {
  const spool = spoolOf(deps);
  const [left] = await spool.left(kind);
  if (left !== undefined) return { reason: 'left', tag: left, segments: 0 };
  const thresholds = spool.gates[kind];
  const count = counting(kind, run.signal);
  const since = performance.now();
  for (;;) {
    const waiting = await spool.waiting(kind, MOST_SEGMENTS);
    if (waiting.length === 0 && (await namesIn(spool.places.incoming(kind))).length === 0) return null; // a file with a wrong name waits too: claiming moves it to failed/
    const taking = await fill(waiting, thresholds, count);
    if (taking.full !== null) return { reason: taking.full, tag: null, segments: taking.segments };
    const left = thresholds.seconds * 1_000 - (performance.now() - since);
    if (left <= 0) return { reason: 'seconds', tag: null, segments: taking.segments };
    run.onProgress({ phase: 'waiting for more', done: taking.records, total: thresholds.records, bytes: taking.bytes });
    await delay(Math.min(LOOK_EVERY, left), undefined, { signal: run.signal });
  }
}

async function fill(waiting: readonly Segment[], thresholds: GateThresholds, count: (segment: Segment) => Promise<number>): Promise<Taking> {
  const taking: Taking = { segments: 0, records: 0, bytes: 0, full: null };
  const reached = (times: number): Taking['full'] => (taking.records >= times * thresholds.records ? 'records' : taking.bytes >= times * thresholds.bytes ? 'bytes' : null);
  for (const segment of waiting) {
    taking.segments++;
    taking.bytes += segment.bytes;
    taking.records += await count(segment);
    taking.full ??= reached(1);
    if (reached(BACKLOG) !== null) break;
  }
  return taking.segments < MOST_SEGMENTS ? taking : { ...taking, full: taking.full ?? 'records' };
}

/** Counts the frames of each segment once. One that cannot be read counts as one record: whoever stores it says what is wrong. */
function counting(kind: SpoolKind, signal: AbortSignal): (segment: Segment) => Promise<number> {
  const known = new Map<string, number>();
  return async ({ name, path }) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const records = await countFrames(path, { kind, signal }).catch((error: unknown) => {
      if (isPivoError(error)) return 1;
      throw error;
    });
    known.set(name, records);
    return records;
  };
}
