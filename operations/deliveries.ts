// Operation `deliveries`: what was told to whom, what waits, and what was given up.
import { z } from 'zod';
import { DeliveryStatus, type Delivery, type DeliveryAttempt } from '../contract/notification.ts';
import { countDeliveries, listDeliveries } from '../state/deliveries.ts';
import { defineOperation } from './operation.ts';

export interface Deliveries {
  /** How many there are of each target and status. */
  counts: { target: string; status: DeliveryStatus; deliveries: number }[];
  /** The latest first, each with its last attempts, the oldest of them first. */
  deliveries: (Delivery & { tried: DeliveryAttempt[] })[];
}

export const deliveries = defineOperation({
  name: 'deliveries',
  description: 'Lists the notifications that were delivered, wait or were given up, with every attempt; the latest first.',
  kind: 'reads',
  input: z.strictObject({ target: z.string().max(100).optional(), status: DeliveryStatus.optional(), limit: z.number().int().positive().max(1_000).default(50) }),
  // oxlint-disable-next-line require-await -- operations are asynchronous, the state database is not
  async run({ paths }, { limit, ...filter }): Promise<Deliveries> {
    return { counts: countDeliveries(paths.state), deliveries: listDeliveries(paths.state, filter, limit) };
  },
});
