// A folder, a log index and uploads into it, for one test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { IngestLogsSummary } from '../../contract/logs.ts';
import { ingestLogs } from '../../logs/ingest.ts';
import { openLogsForWriting } from '../../logs/open.ts';

export interface TemporaryIndex {
  folder: string;
  path: string;
  db: Database.Database;
  ingest(...paths: string[]): Promise<IngestLogsSummary>;
  /** The values of one column. */
  column<T>(sql: string, ...values: unknown[]): T[];
  close(): Promise<void>;
}

export async function temporaryIndex(): Promise<TemporaryIndex> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-logs-'));
  const path = join(folder, 'logs.db');
  const db = openLogsForWriting(path);
  return {
    folder, path, db,
    ingest: (...paths) => ingestLogs(db, { paths, spooled: false }, { signal: new AbortController().signal, onProgress: () => {} }),
    column: <T>(sql: string, ...values: unknown[]) => db.prepare(sql).pluck().all(...values) as T[],
    async close() {
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Lines as Hadoop writes them; always the same for the same numbers. */
export function hadoopLines(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const time = new Date(Date.UTC(2026, 0, 1) + n * 10).toISOString().replace('T', ' ').replace('.', ',').replace('Z', '');
    const message = [`Received block blk_${1_073_741_825 + n}_${n} of size ${n * 7} from /10.0.${n % 9}.${n % 200}`, `BLOCK* allocate blk_${n}, replicas=10.0.0.${n % 9}:9866 for /user/ada/part-${n}`, `Number of transactions: ${n} Number of syncs: ${n % 7}`][n % 3] ?? '';
    return `${time} ${n % 10 === 0 ? 'WARN' : 'INFO'} org.apache.hadoop.hdfs.server.datanode.DataNode: ${message}\n`;
  }).join('');
}
