// What PIVO measures of the spool, the records, the backups that follow the push, and notifications.
import { DeliveryStatus } from '../contract/notification.ts';
import type { PushesView } from '../contract/push.ts';
import { SpoolKind } from '../contract/spool.ts';
import { censusOf, type SpoolCensus } from '../spool/census.ts';
import { placesOf } from '../spool/places.ts';
import { countDeliveries, oldestPending } from '../state/deliveries.ts';
import { batchTotals, type BatchTotal } from './batch-totals.ts';
import type { OperationContext } from './operation.ts';
import { inTime } from './patience.ts';
import { pushes } from './pushes.ts';
import { readRecords } from './record-store.ts';

export interface DeliveryMeasures {
  /** Of each configured target every status; nobody can be told any more by a target that was removed. */
  counts: { target: string; status: DeliveryStatus; deliveries: number }[];
  /** Seconds since the oldest that waits was written down; 0 when none waits. */
  oldest: number;
}

/** Null: it could not be asked now. */
export interface IngestionMeasures {
  spool: SpoolCensus[] | null;
  batches: BatchTotal[] | null;
  pushes: Pick<PushesView, 'waiting' | 'running' | 'failed'> | null;
  deliveries: DeliveryMeasures | null;
}

/** Milliseconds that the first look at the manifest may take, also when nobody waits for it any more. */
const FIRST_LOOK = 60_000;

/** Looks everywhere at once, for `patience` milliseconds; never an error. */
export async function ingestionMeasures(context: OperationContext, patience: number): Promise<IngestionMeasures> {
  const signal = AbortSignal.timeout(patience);
  const within = <T>(ask: () => Promise<T> | T): Promise<T | null> => inTime(Promise.resolve().then(ask), signal).catch(() => null);
  const [spool, batches, asked, deliveries] = await Promise.all([
    within(() => spoolCensus(context)),
    within(() => readRecords(context, [], (records) => batchTotals(records, AbortSignal.timeout(FIRST_LOOK)))),
    within(() => pushes.run(context, { limit: 1 }, { signal, onProgress: () => {} })),
    within(() => deliveryMeasures(context)),
  ]);
  return { spool, batches, pushes: asked, deliveries };
}

export const spoolCensus = ({ paths }: Pick<OperationContext, 'paths'>): Promise<SpoolCensus[]> => Promise.all(SpoolKind.options.map((kind) => censusOf(placesOf(paths.spool), kind)));

/** Fails as `countDeliveries` does. */
function deliveryMeasures({ paths, notify = [] }: Pick<OperationContext, 'paths' | 'notify'>): DeliveryMeasures {
  const kept = countDeliveries(paths.state);
  const numberOf = (target: string, status: DeliveryStatus): number => kept.find((each) => each.target === target && each.status === status)?.deliveries ?? 0;
  const counts = notify.flatMap(({ name: target }) => DeliveryStatus.options.map((status) => ({ target, status, deliveries: numberOf(target, status) })));
  const oldest = oldestPending(paths.state);
  return { counts, oldest: oldest === null ? 0 : Math.max(0, (Date.now() - Date.parse(oldest)) / 1_000) };
}
