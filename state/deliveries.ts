// Notifications on their way, as the state database keeps them.
import type { Database } from 'better-sqlite3';
import type { Delivery, DeliveryAttempt, DeliveryLog, DeliveryOrder, DeliveryStatus, Notification } from '../contract/notification.ts';
import { readState, withState } from './open.ts';

/** Most deliveries of one target that wait; the oldest of more are given up, so that a receiver that is gone for good does not fill the disk. */
const MOST_WAITING = 1_000;

const COLUMNS = 'id, target, event, key, repo_name AS repository, status, attempts, answer, failure, created, updated';

/** Adapter of the port DeliveryLog; nothing stays open. */
export function stateDeliveries(path: string): DeliveryLog {
  return {
    add: (orders) => withState(path, (db) => db.transaction(() => addDeliveries(db, orders)).immediate()),
    find: (id) => readState(path, null, (db) => findDelivery(db, id)),
    record: (id, attempt, status) => withState(path, (db) => db.transaction(() => recordAttempt(db, id, attempt, status)).immediate()),
  };
}

/** Writes orders down; how many were new. Of a target with too many waiting, the oldest become dead letters. */
export function addDeliveries(db: Database, orders: readonly DeliveryOrder[]): number {
  const insert = db.prepare(`INSERT OR IGNORE INTO deliveries (id, target, event, key, repo_name, status, attempts, created, updated, notification)
    VALUES (@id, @target, @event, @key, @repository, 'pending', 0, @now, @now, @notification)`);
  const now = new Date().toISOString();
  let added = 0;
  for (const { id, target, notification } of orders) {
    const { event, key, repository } = notification;
    added += insert.run({ id, target, event, key, repository, now, notification: JSON.stringify(notification) }).changes;
  }
  for (const target of new Set(orders.map((order) => order.target))) giveUpOldest(db, target, now);
  return added;
}

function giveUpOldest(db: Database, target: string, now: string): void {
  const waiting = db.prepare<[string], number>("SELECT count(*) FROM deliveries WHERE status = 'pending' AND target = ?").pluck().get(target) ?? 0;
  if (waiting <= MOST_WAITING) return;
  db.prepare(`UPDATE deliveries SET status = 'dead', failure = @failure, updated = @now
    WHERE id IN (SELECT id FROM deliveries WHERE status = 'pending' AND target = @target ORDER BY created, rowid LIMIT @most)`).run({ target, now, most: waiting - MOST_WAITING, failure: `more than ${MOST_WAITING} waited for this target` });
}

function findDelivery(db: Database, id: string): { delivery: Delivery; notification: Notification } | null {
  const row = db.prepare<[string], Delivery & { notification: string }>(`SELECT ${COLUMNS}, notification FROM deliveries WHERE id = ?`).get(id);
  if (row === undefined) return null;
  const { notification, ...delivery } = row;
  return { delivery, notification: JSON.parse(notification) as Notification };
}

function recordAttempt(db: Database, id: string, attempt: Omit<DeliveryAttempt, 'number'>, status: DeliveryStatus): void {
  db.prepare(`INSERT INTO delivery_attempts (delivery, number, time, milliseconds, answer, failure)
    SELECT @id, (SELECT coalesce(max(number), 0) + 1 FROM delivery_attempts WHERE delivery = @id), @time, @milliseconds, @answer, @failure WHERE EXISTS (SELECT 1 FROM deliveries WHERE id = @id)`).run({ ...attempt, id });
  db.prepare('UPDATE deliveries SET status = @status, attempts = attempts + 1, answer = @answer, failure = @failure, updated = @now WHERE id = @id').run({ id, status, answer: attempt.answer, failure: attempt.failure, now: new Date().toISOString() });
}

/** Deliveries of a target that wait, the oldest first. */
export function waitingDeliveries(path: string, target: string, limit: number): Pick<Delivery, 'id' | 'event'>[] {
  return readState(path, [], (db) => db.prepare<[string, number], Pick<Delivery, 'id' | 'event'>>("SELECT id, event FROM deliveries WHERE status = 'pending' AND target = ? ORDER BY created, rowid LIMIT ?").all(target, limit));
}

/** Which deliveries are meant. */
export interface DeliveryFilter {
  id?: string | undefined;
  target?: string | undefined;
  status?: DeliveryStatus | undefined;
}

const FILTER = '(@id IS NULL OR id = @id) AND (@target IS NULL OR target = @target) AND (@status IS NULL OR status = @status)';
const valuesOf = ({ id = null, target = null, status = null }: { [Name in keyof DeliveryFilter]: DeliveryFilter[Name] | null }): Record<string, string | null> => ({ id, target, status });

/** The latest deliveries first, each with its attempts. */
export function listDeliveries(path: string, filter: DeliveryFilter, limit: number): (Delivery & { tried: DeliveryAttempt[] })[] {
  return readState(path, [], (db) => {
    const attempts = db.prepare<[string], DeliveryAttempt>('SELECT number, time, milliseconds, answer, failure FROM delivery_attempts WHERE delivery = ? ORDER BY number DESC LIMIT 20');
    const found = db.prepare<[object], Delivery>(`SELECT ${COLUMNS} FROM deliveries WHERE ${FILTER} ORDER BY created DESC, rowid DESC LIMIT @limit`).all({ ...valuesOf(filter), limit });
    return found.map((delivery) => ({ ...delivery, tried: attempts.all(delivery.id).reverse() }));
  });
}

/** Lets dead letters be tried again from the first attempt on; how many. */
export function reviveDeliveries(path: string, filter: Omit<DeliveryFilter, 'status'>): number {
  const sql = `UPDATE deliveries SET status = 'pending', attempts = 0, updated = @now WHERE ${FILTER}`;
  return readState(path, 0, (db) => db.prepare(sql).run({ ...valuesOf({ ...filter, status: 'dead' }), now: new Date().toISOString() }).changes);
}

/** Gives up what waits for targets that are not among these; how many. */
export function abandonDeliveries(path: string, targets: readonly string[]): number {
  const sql = "UPDATE deliveries SET status = 'dead', failure = 'this target is not configured any more', updated = @now WHERE status = 'pending' AND target NOT IN (SELECT value FROM json_each(@targets))";
  return readState(path, 0, (db) => db.prepare(sql).run({ now: new Date().toISOString(), targets: JSON.stringify(targets) }).changes);
}

/** How many deliveries there are of each target and status. */
export function countDeliveries(path: string): { target: string; status: DeliveryStatus; deliveries: number }[] {
  return readState(path, [], (db) => db.prepare<[], { target: string; status: DeliveryStatus; deliveries: number }>('SELECT target, status, count(*) AS deliveries FROM deliveries GROUP BY target, status ORDER BY target, status').all());
}

/** When the oldest delivery that waits was written down, ISO 8601 UTC; null when none waits. */
export function oldestPending(path: string): string | null {
  return readState(path, null, (db) => db.prepare<[], string | null>("SELECT min(created) FROM deliveries WHERE status = 'pending'").pluck().get() ?? null);
}

/** Forgets what was delivered before an instant (ISO 8601 UTC), and its attempts; how many. */
export function forgetDelivered(path: string, before: string): number {
  return readState(path, 0, (db) => {
    const forget = db.transaction(() => {
      db.prepare("DELETE FROM delivery_attempts WHERE delivery IN (SELECT id FROM deliveries WHERE status = 'delivered' AND updated < ?)").run(before);
      return db.prepare("DELETE FROM deliveries WHERE status = 'delivered' AND updated < ?").run(before).changes;
    });
    return forget.immediate();
  });
}
