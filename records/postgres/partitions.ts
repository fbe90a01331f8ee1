// One partition a month, made when its first record comes, beside running loads and questions.
import type { Partition } from '../partitions.ts';
import { LOCK, type Asking, type Database } from './database.ts';
import { tablesAmong } from './schema.ts';

/** Tables that are partitioned by month of `time`. */
export type Partitioned = 'events' | 'metrics';

/**
 * Makes the partitions that are missing, in a transaction of their own: attaching waits for who writes to the partition of other times, so a load
 * must not hold anything meanwhile. Records that came while the month was far off move over.
 */
export async function makePartitions(database: Database, table: Partitioned, partitions: readonly Partition[]): Promise<void> {
  if ((await missing(database, table, partitions)).length === 0) return;
  await database.transaction(async (transaction) => {
    await transaction.rows('SELECT pg_advisory_xact_lock($1)', [LOCK.partitions]);
    for (const partition of await missing(transaction, table, partitions)) await makePartition(transaction, table, partition);
  });
}

async function missing(asking: Asking, table: Partitioned, partitions: readonly Partition[]): Promise<Partition[]> {
  const there = await tablesAmong(asking, partitions.map(({ name }) => `${table}_${name}`));
  return partitions.filter(({ name }) => !there.includes(`${table}_${name}`));
}

async function makePartition(transaction: Asking, table: Partitioned, partition: Partition): Promise<void> {
  if (partition.month === null) return;
  const [from, to] = [partition.month.from, partition.month.until].map((time) => new Date(time).toISOString());
  const name = `${table}_${partition.name}`;
  await transaction.rows(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await transaction.rows(`WITH moved AS (DELETE FROM ${table}_other WHERE time >= '${from}' AND time < '${to}' RETURNING *) INSERT INTO ${name} SELECT * FROM moved`);
  await transaction.rows(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}
