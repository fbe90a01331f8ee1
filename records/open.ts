// Opens the records database that the settings name; the code of the other is not loaded.
import { recordEngine, type RecordSettings } from './settings.ts';
import type { RecordStore } from './store.ts';

/** Fails with InvalidInput for a URL that names no database, and with Unavailable when the database cannot be had now. */
export async function openRecordStore(settings: RecordSettings): Promise<RecordStore> {
  const named = recordEngine(settings.url);
  if (named.engine === 'sqlite') return (await import('./sqlite/store.ts')).openSqliteRecords(named.path);
  return (await import('./postgres/store.ts')).openPostgresRecords(settings);
}

/** What `use` makes of the records: opened for it, with their tables there, and closed however it ends. Fails as `openRecordStore`, `prepare` and `use` do. */
export async function useRecords<T>(settings: RecordSettings, use: (records: RecordStore) => Promise<T>): Promise<T> {
  const records = await openRecordStore(settings);
  try {
    await records.prepare();
    return await use(records);
  } finally {
    await records.close();
  }
}
