// Acts: which archived batches there are, and storing one of them again.
import { PivoError } from '../../contract/failures.ts';
import type { ArchivedBatch, OpenBatch, ReplayOrder, ReplayRange } from '../../contract/spool-gate.ts';
import { SpoolKind, type SpoolBatch } from '../../contract/spool.ts';
import type { RecordStore } from '../../records/store.ts';
import type { Spool } from '../../spool/folders.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { spoolOf, withRecords } from './ports.ts';
import { storeFiles } from './store.ts';

/** Batches that one answer names. */
const PAGE = 100;

/** The next archived batches of the range, kind by kind and oldest first. Fails with NotFound where the range names a batch that has no archived segment. */
export async function nextArchivedBatches(deps: ActivityDeps, { kind, batch, after }: ReplayRange & { after: ArchivedBatch | null }): Promise<ArchivedBatch[]> {
  const all = await archivedBatches(spoolOf(deps), kind);
  if (batch !== undefined) return [one(all, batch)];
  const from = after === null ? 0 : all.findIndex((archived) => isBehind(archived, after));
  return from < 0 ? [] : all.slice(from, from + PAGE);
}

async function archivedBatches(spool: Spool, only: SpoolKind | undefined): Promise<ArchivedBatch[]> {
  const kinds = only === undefined ? SpoolKind.options : [only];
  const found = await Promise.all(kinds.map(async (kind) => (await spool.archivedTags(kind)).map((tag) => ({ kind, tag }))));
  return found.flat();
}

function one(all: readonly ArchivedBatch[], tag: string): ArchivedBatch {
  const found = all.find((archived) => archived.tag === tag);
  if (found !== undefined) return found;
  throw new PivoError('NotFound', `archive/ has no segments of a batch ${tag}`, { hint: '`pivo batches` lists all batches; one whose segments all failed has none there.' });
}

const order = ({ kind }: ArchivedBatch): number => SpoolKind.options.indexOf(kind);
const isBehind = (a: ArchivedBatch, b: ArchivedBatch): boolean => (order(a) === order(b) ? a.tag > b.tag : order(a) > order(b));

/**
 * Stores the archived segments of a batch again, where they lie; what is stored already is counted as a duplicate. Records that do not know
 * the batch get it back under its own tag; others get a batch under `fresh`. A segment that can no more be read is told in the manifest and stays.
 */
export async function replayArchived(deps: ActivityDeps, { archived, fresh, opened }: ReplayOrder, run: ActRun): Promise<SpoolBatch> {
  const { kind } = archived;
  const known = await withRecords(deps, (records) => batchOf(records, archived.tag));
  const isOurs = known === null || (known.reason === 'replay' && known.opened === opened);
  const batch: OpenBatch = { tag: isOurs ? archived.tag : fresh, kind, reason: 'replay', opened };
  await storeFiles(deps, batch, await spoolOf(deps).archived(kind, archived.tag), run);
  return withRecords(deps, (records) => records.closeBatch(batch.tag, new Date().toISOString()));
}

const batchOf = async (records: RecordStore, tag: string): Promise<SpoolBatch | null> => (await records.batches({ tag, limit: 1 }))[0] ?? null;
