// Act: stores the claimed segments of a batch in the records, and writes the batch into the manifest.
import type { OpenBatch } from '../../contract/spool-gate.ts';
import type { SegmentEnd } from '../../contract/spool.ts';
import { loadApart } from '../../records/load-apart.ts';
import type { SegmentFile } from '../../records/load.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { recordsOf, spoolOf, withRecords } from './ports.ts';

/** What was stored is not stored again: an attempt that follows goes on behind it. Fails with Unavailable while the database cannot be had. */
export async function storeSegments(deps: ActivityDeps, batch: OpenBatch, run: ActRun): Promise<void> {
  await storeClaimed(deps, batch, run);
}

/** What became of all segments of the batch, those that were settled before included. */
export async function storeClaimed(deps: ActivityDeps, batch: OpenBatch, run: ActRun): Promise<SegmentEnd[]> {
  const claimed = await spoolOf(deps).claimed(batch.kind, batch.tag);
  return storeFiles(deps, batch, claimed, run);
}

/** Stores those of the files that the batch does not have yet. */
export async function storeFiles(deps: ActivityDeps, { tag, kind, reason, opened }: OpenBatch, files: readonly SegmentFile[], run: ActRun): Promise<SegmentEnd[]> {
  run.onProgress({ phase: 'storing', done: 0, total: files.length });
  const known = await withRecords(deps, async (records) => {
    await records.openBatch({ tag, kind, reason, opened });
    return records.segmentsOf(tag);
  });
  const names = new Set(known.map(({ name }) => name));
  const segments = files.filter(({ name }) => !names.has(name)).map(({ name, path }) => ({ name, path }));
  if (segments.length === 0) return known;
  const onProgress = ({ segments: done }: { segments: number }): void => run.onProgress({ phase: 'storing', done: files.length - segments.length + done, total: files.length });
  return [...known, ...(await loadApart({ records: recordsOf(deps), tag, kind, segments }, { signal: run.signal, onProgress }))];
}
