// What the parts of the store ask the database by: single statements and transactions, with PIVO's failures.
import type { Pool, PoolClient } from 'pg';
import { failureOf } from './failures.ts';
import { openPool } from './connect.ts';
import type { RecordSettings } from '../settings.ts';

/** A connection within a transaction, or any connection. */
export interface Asking {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Locks that one PIVO holds against others, for a transaction; the numbers are ours alone by chance. */
export const LOCK = { schema: 7_240_533_001, partitions: 7_240_533_002, embedders: 7_240_533_003 } as const;

export class Database implements Asking {
  readonly url: string;
  readonly #pool: Pool;

  constructor(settings: RecordSettings) {
    this.url = settings.url;
    this.#pool = openPool(settings);
  }

  async rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#pool.query(sql, [...values])).rows as Row[];
    } catch (error) {
      throw failureOf(error, this.url);
    }
  }

  /** What `work` throws comes out, and nothing of it stays. */
  async transaction<Result>(work: (transaction: Asking) => Promise<Result>): Promise<Result> {
    const client = await this.#connection();
    const rows = async <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
      try {
        return (await client.query(sql, [...values])).rows as Row[];
      } catch (error) {
        throw failureOf(error, this.url);
      }
    };
    let broken = true;
    try {
      await rows('BEGIN');
      const result = await work({ rows });
      await rows('COMMIT');
      broken = false;
      return result;
    } catch (error) {
      broken = await rows('ROLLBACK').then(() => false, () => true);
      throw error;
    } finally {
      client.removeAllListeners('error');
      client.release(broken);
    }
  }

  async #connection(): Promise<PoolClient> {
    try {
      const client = await this.#pool.connect();
      client.on('error', () => {}); // its next query fails with it
      return client;
    } catch (error) {
      throw failureOf(error, this.url);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
