// The records database of a home, for operations: opened for one question, with its tables there.
import { existsSync } from 'node:fs';
import { PivoError } from '../contract/failures.ts';
import { useRecords } from '../records/open.ts';
import { recordEngine } from '../records/settings.ts';
import type { RecordStore } from '../records/store.ts';
import type { OperationContext } from './operation.ts';

/** What `use` makes of the records. Fails with Unavailable where this home keeps none or the database cannot be had now, and as `openRecordStore` does. */
export async function withRecordStore<T>({ records: settings }: Pick<OperationContext, 'records'>, use: (records: RecordStore) => Promise<T>): Promise<T> {
  if (settings === undefined) throw new PivoError('Unavailable', 'no records database is configured here');
  return useRecords(settings, use);
}

/** As `withRecordStore`, or `none` where no record was stored yet: looking makes no database. */
export async function readRecords<T>(context: Pick<OperationContext, 'records'>, none: T, use: (records: RecordStore) => Promise<T>): Promise<T> {
  const named = context.records === undefined ? null : recordEngine(context.records.url);
  return named?.engine === 'sqlite' && !existsSync(named.path) ? none : withRecordStore(context, use);
}
