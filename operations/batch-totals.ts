// How many batches of the spool ended how, and what they stored: counted once, then only what is new in the manifest.
import type { SpoolBatch, SpoolKind } from '../contract/spool.ts';
import type { RecordStore } from '../records/store.ts';

/** Of all batches of one kind that ended. */
export interface BatchTotal {
  kind: SpoolKind;
  /** Batches of which every segment is in archive/, and those with a segment in failed/. */
  done: number;
  failed: number;
  /** From opening to end, of all together. */
  seconds: number;
  segments: number;
  failedSegments: number;
  records: number;
  duplicates: number;
}

type Totals = ReadonlyMap<SpoolKind, BatchTotal>;

interface Counted {
  /** The last batch that was seen; null when there was none. */
  newest: string | null;
  /** Batches that were open then. */
  open: readonly string[];
  totals: Totals;
}

const NOTHING: Counted = { newest: null, open: [], totals: new Map() };
/** Batches that one question asks for. */
const PAGE = 500;
/** By the database's URL. */
const counted = new Map<string, Counted>();

/** Totals of all that the manifest has; a look costs what is new in it, the first one reads all. Fails as `batches` does. */
export async function batchTotals(records: RecordStore, signal: AbortSignal): Promise<BatchTotal[]> {
  const last = counted.get(records.url) ?? NOTHING;
  const { whole, ...found } = await newBatches(records, last.newest, signal);
  const base = whole ? NOTHING : last; // a manifest without the last batch is that of another database
  const looked = await Promise.all(base.open.map((tag) => records.batches({ tag, limit: 1 })));
  const open = looked.flat();
  const next = { newest: found.newest ?? base.newest, open: [...found.open, ...openOf(open)], totals: merged([base.totals, found.totals, totalsOf(open)]) };
  counted.set(records.url, next);
  return [...next.totals.values()];
}

const openOf = (batches: readonly SpoolBatch[]): string[] => batches.filter(({ status }) => status === 'open').map(({ tag }) => tag);

/** Of the batches that came after `until`; `whole`: there is no such batch, and these are all. */
async function newBatches(records: RecordStore, until: string | null, signal: AbortSignal): Promise<Counted & { whole: boolean }> {
  let found = NOTHING;
  let before: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await records.batches({ before, limit: PAGE });
    const at = page.findIndex(({ tag }) => tag === until);
    const fresh = at < 0 ? page : page.slice(0, at);
    found = { newest: found.newest ?? fresh[0]?.tag ?? null, open: [...found.open, ...openOf(fresh)], totals: merged([found.totals, totalsOf(fresh)]) };
    if (at >= 0 || page.length < PAGE) return { ...found, whole: at < 0 };
    before = page.at(-1)?.tag;
  }
}

/** Of those among the batches that ended. */
function totalsOf(batches: readonly SpoolBatch[]): Totals {
  const ended = batches.filter(({ status }) => status !== 'open');
  return merged(ended.map((batch) => new Map([[batch.kind, totalOf(batch)]])));
}

const totalOf = ({ kind, status, opened, finished, segments, failed, records, duplicates }: SpoolBatch): BatchTotal => ({
  kind,
  done: Number(status === 'done'),
  failed: Number(status === 'failed'),
  seconds: Math.max(0, (Date.parse(finished ?? opened) - Date.parse(opened)) / 1_000),
  segments,
  failedSegments: failed,
  records,
  duplicates,
});

const SUMMED = ['done', 'failed', 'seconds', 'segments', 'failedSegments', 'records', 'duplicates'] as const;

function merged(all: readonly Totals[]): Totals {
  const sums = new Map<SpoolKind, BatchTotal>();
  for (const total of all.flatMap((totals) => [...totals.values()])) {
    const sum = sums.get(total.kind) ?? { kind: total.kind, done: 0, failed: 0, seconds: 0, segments: 0, failedSegments: 0, records: 0, duplicates: 0 };
    for (const name of SUMMED) sum[name] += total[name];
    sums.set(total.kind, sum);
  }
  return sums;
}
