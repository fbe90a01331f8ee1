// Metrics of what comes in by itself and goes out: spool, records, backups that follow the push, webhooks, notifications.
import { SpoolKind } from '../../../contract/spool.ts';
import type { BatchTotal } from '../../../operations/batch-totals.ts';
import type { IngestionMeasures } from '../../../operations/ingestion-measures.ts';
import { counter, gauge, type Family, type Sample } from './exposition.ts';

/** A request of a forge, and how it ended; how often. */
export interface WebhookCount {
  /** The webhook's name; empty where none has it. */
  source: string;
  outcome: string;
  requests: number;
}

/** A family whose part could not be asked has no samples, and the part's `…_up` is 0. */
export function ingestionFamilies({ spool, batches, pushes, deliveries }: IngestionMeasures, webhooks: readonly WebhookCount[]): Family[] {
  return [
    up('spool', 'Whether the spool can be read', spool),
    ...ofSpool(spool ?? []),
    up('records', 'Whether the records database can be asked', batches),
    ...(batches === null ? [] : ofBatches(batches)),
    up('push_backups', 'Whether the workflow that starts backups after pushes can be asked', pushes),
    gauge('pivo_push_backups', 'Repositories that pushes ask to back up; those that failed are tried again at the next push.', pushes === null ? [] : (['waiting', 'running', 'failed'] as const).map((state) => ({ labels: { state }, value: pushes[state] }))),
    counter('pivo_webhook_requests_total', 'Requests of forges that this server read whole, by webhook and how they ended.', webhooks.map(({ source, outcome, requests }) => ({ labels: { ...(source === '' ? {} : { source }), outcome }, value: requests }))),
    up('deliveries', 'Whether the delivery log can be read', deliveries),
    gauge('pivo_deliveries', 'Notifications of the delivery log.', (deliveries?.counts ?? []).map(({ target, status, deliveries: value }) => ({ labels: { target, status }, value }))),
    gauge('pivo_deliveries_oldest_pending_seconds', 'Age of the oldest notification that waits; 0 when none does.', deliveries === null ? [] : [{ value: deliveries.oldest }]),
  ];
}

const up = (part: string, what: string, found: unknown): Family => gauge(`pivo_${part}_up`, `${what}: 1 or 0.`, [{ value: Number(found !== null) }]);

const FOLDERS = ['incoming', 'processing', 'failed'] as const;

function ofSpool(spool: NonNullable<IngestionMeasures['spool']>): Family[] {
  const each = (folders: readonly (typeof FOLDERS)[number][], what: 'segments' | 'bytes' | 'age'): Sample[] =>
    spool.flatMap((census) => folders.flatMap((folder) => {
      const value = census[folder][what];
      return value === null ? [] : [{ labels: { kind: census.kind, folder }, value }];
    }));
  return [
    gauge('pivo_spool_segments', 'Segments in a folder of the spool.', each(FOLDERS, 'segments')),
    gauge('pivo_spool_bytes', 'Their size; left out where thousands lie.', each(FOLDERS, 'bytes')),
    gauge('pivo_spool_oldest_seconds', 'Age of the oldest segment that waits or is being stored; 0 when none is.', each(['incoming', 'processing'], 'age')),
  ];
}

/** Each is there from the beginning: an increase from nothing to one is not seen. */
function ofBatches(batches: readonly BatchTotal[]): Family[] {
  const of = (value: (total: BatchTotal) => number): Sample[] =>
    SpoolKind.options.map((kind) => {
      const total = batches.find((each) => each.kind === kind);
      return { labels: { kind }, value: total === undefined ? 0 : value(total) };
    });
  const by = (status: 'done' | 'failed'): Sample[] => of((total) => total[status]).map(({ labels, value }) => ({ labels: { ...labels, status }, value }));
  return [
    counter('pivo_spool_batches_total', 'Openings of the spool gates that ended, as the manifest has them; failed: with a segment in failed/.', [...by('done'), ...by('failed')]),
    counter('pivo_spool_batch_seconds_total', 'Time from opening to end, of all of them together.', of(({ seconds }) => seconds)),
    counter('pivo_spool_segments_stored_total', 'Segments that went to the archive.', of(({ segments, failedSegments }) => segments - failedSegments)),
    counter('pivo_spool_segments_failed_total', 'Segments that could not be stored.', of(({ failedSegments }) => failedSegments)),
    counter('pivo_records_stored_total', 'Records that were stored.', of(({ records }) => records)),
    counter('pivo_records_duplicates_total', 'Records that came again and were there already.', of(({ duplicates }) => duplicates)),
  ];
}
