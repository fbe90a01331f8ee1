// Operation `notify-retry`: sends dead letters again.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { listDeliveries, reviveDeliveries } from '../state/deliveries.ts';
import { defineOperation } from './operation.ts';

export interface Retried {
  /** Deliveries that wait again. */
  deliveries: number;
}

export const notifyRetry = defineOperation({
  name: 'notify-retry',
  description: 'Lets one dead delivery, or all of one target or of every target, be tried again from the first attempt on, under the same idempotency keys.',
  kind: 'decides',
  input: z
    .strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/, 'the id of a delivery: 32 hex digits').optional(), allDead: z.literal(true).optional(), target: z.string().min(1).max(100).optional() })
    .refine(({ id, allDead, target }) => (id === undefined) === (allDead === true) && (id === undefined || target === undefined), { message: 'name one delivery by its id, or all dead ones (`--all-dead`, `allDead`), with or without a target' }),
  // oxlint-disable-next-line require-await -- operations are asynchronous, the state database is not
  async run({ paths }, { id, target }): Promise<Retried> {
    const count = reviveDeliveries(paths.state, { id, target });
    if (id !== undefined && count === 0) throw notDead(paths.state, id);
    return { deliveries: count };
  },
});

function notDead(state: string, id: string): PivoError {
  const [found] = listDeliveries(state, { id }, 1);
  if (found === undefined) return new PivoError('NotFound', `there is no delivery ${id}`, { hint: '`pivo notify deliveries` lists them.' });
  return new PivoError('InvalidInput', `delivery ${id} is ${found.status}, not dead`, { hint: found.status === 'pending' ? 'It is tried again by itself.' : 'There is nothing to do.' });
}
