// How far the notifier has read the topics, kept in one transaction with what it made of them.
import type { DeliveryOrder } from '../contract/notification.ts';
import { addDeliveries } from './deliveries.ts';
import { readState, withState } from './open.ts';

export interface Position {
  topic: string;
  partition: number;
  /** Offset of the first message that was not read. */
  next: number;
}

/** The positions that are kept. */
export function notifierPositions(path: string): Position[] {
  return readState(path, [], (db) => db.prepare<[], Position>('SELECT topic, partition, next FROM notifier_positions').all());
}

/** Keeps positions and writes orders down, both or neither; how many orders were new. */
export function advanceNotifier(path: string, positions: readonly Position[], orders: readonly DeliveryOrder[]): number {
  return withState(path, (db) => {
    const advance = db.transaction(() => {
      const keep = db.prepare('INSERT INTO notifier_positions (topic, partition, next) VALUES (@topic, @partition, @next) ON CONFLICT DO UPDATE SET next = excluded.next');
      for (const { topic, partition, next } of positions) keep.run({ topic, partition, next });
      return orders.length === 0 ? 0 : addDeliveries(db, orders);
    });
    return advance.immediate();
  });
}

/** Forgets how far was read: who is told again after a time without targets is not told of that time. */
export function forgetNotifierPositions(path: string): void {
  if (notifierPositions(path).length > 0) withState(path, (db) => db.prepare('DELETE FROM notifier_positions').run());
}
