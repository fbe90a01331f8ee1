// How many ingests and restores ended how, and what they moved: counted once, then only what is new in the index.
import { stat } from 'node:fs/promises';
import { readerOf } from './query.ts';
import { rowsOf } from './rows.ts';

export interface RunTotal {
  action: 'ingest' | 'restore';
  outcome: string;
  count: number;
  /** Bytes that ingests archived, or that restores checked. */
  bytes: number;
}

export type RunTotals = readonly RunTotal[];

interface Counted {
  /** Names the index: a rebuilt one is another file. */
  file: string;
  /** The last row that is counted. */
  upTo: number;
  totals: Map<string, RunTotal>;
}

const counted = new Map<string, Counted>();

/** Rows of `audit` are only ever added, so that a look costs what is new. The first one reads all. */
const since = (upTo: number): string => `
SELECT action, outcome, count(*) AS count, max(rowid) AS upTo,
  sum(coalesce(CASE action WHEN 'ingest' THEN details ->> '$.newBytes' ELSE details ->> '$.proof.bytesVerified' END, 0)) AS bytes
FROM audit WHERE rowid > ${upTo} AND action IN ('ingest', 'restore') GROUP BY action, outcome`;

/** Totals of all that the index has. Fails as a query does. */
export async function runTotals(index: string, signal: AbortSignal): Promise<RunTotals> {
  const { ino, birthtimeMs } = await stat(index);
  const file = `${ino} ${birthtimeMs}`;
  const known = counted.get(index);
  const last = known?.file === file ? known : { file, upTo: 0, totals: new Map<string, RunTotal>() };
  const rows = rowsOf(await readerOf(index).query(since(last.upTo), { milliseconds: FIRST_LOOK_MS }, signal)) as unknown as (RunTotal & { upTo: number })[];
  const next = { file, upTo: Math.max(last.upTo, ...rows.map(({ upTo }) => upTo)), totals: new Map(last.totals) };
  for (const { upTo: _, ...row } of rows) add(next.totals, row);
  counted.set(index, next);
  return [...next.totals.values()];
}

/** Milliseconds that the first look may take. */
const FIRST_LOOK_MS = 30_000;

function add(totals: Map<string, RunTotal>, { action, outcome, count, bytes }: RunTotal): void {
  const before = totals.get(`${action} ${outcome}`) ?? { count: 0, bytes: 0 };
  totals.set(`${action} ${outcome}`, { action, outcome, count: before.count + count, bytes: before.bytes + bytes });
}
