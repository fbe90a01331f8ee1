// Retention records: which checkouts a person let go of, and so are rightly not there.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { RetentionRecord } from '../contract/retention.ts';
import { Sha256, type CheckoutRecord } from '../contract/visit.ts';
import { retentionFolder, retentionPath } from './layout.ts';
import { readJson } from './read.ts';
import type { Store } from './store.ts';

/** A record as it is stored: with the SHA-256 of the record itself as JSON. */
const StoredRecord = RetentionRecord.extend({ sha256: Sha256 });

const sealOf = (record: RetentionRecord): string => createHash('sha256').update(JSON.stringify(record)).digest('hex');

/** Numbers of a repository's records, ascending. */
export async function listRetentionNumbers(store: Store, repository: string): Promise<number[]> {
  const files = await store.list(retentionFolder(repository));
  return files.flatMap(({ name }) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

/** One record. Fails with NotFound, or Damaged that names the file. */
export async function readRetention(store: Store, repository: string, number: number): Promise<RetentionRecord> {
  const path = retentionPath(repository, number);
  const { sha256, ...record } = await readJson(store, path, StoredRecord);
  const problem = sealOf(RetentionRecord.parse(record)) !== sha256 ? 'was changed: its SHA-256 is another' : record.number !== number || record.repository !== repository ? `holds record ${record.number} of ${record.repository}` : null;
  if (problem !== null) throw new PivoError('Damaged', `${path} ${problem}`, { hint: 'Run `pivo verify`.', facts: { path } });
  return record;
}

/** All records of a repository, ascending. `onDamage` is told of one that cannot be read or is missing between others; without it that is a failure. */
export async function listRetentions(store: Store, repository: string, onDamage?: (damage: PivoError, path: string) => void): Promise<RetentionRecord[]> {
  const records: RetentionRecord[] = [];
  const last = (await listRetentionNumbers(store, repository)).at(-1) ?? 0;
  for (let number = 1; number <= last; number++) {
    try {
      records.push(await readRetention(store, repository, number));
    } catch (error) {
      if (!isPivoError(error, 'Damaged', 'NotFound') || onDamage === undefined) throw error;
      onDamage(error, retentionPath(repository, number));
    }
  }
  return records;
}

/** Adds a record under the next free number; a run has one record of a repository, however often it tries. Fails as the store does. */
export async function addRetention(store: Store, record: Omit<RetentionRecord, 'formatVersion' | 'number'>, signal?: AbortSignal): Promise<RetentionRecord> {
  const number = ((await listRetentionNumbers(store, record.repository)).at(-1) ?? 0) + 1;
  const { repository, ...rest } = record;
  const numbered = RetentionRecord.parse({ formatVersion: 1, repository, number, ...rest });
  await store.create(retentionPath(repository, number), Buffer.from(`${JSON.stringify({ ...numbered, sha256: sealOf(numbered) }, null, 1)}\n`), signal);
  return numbered;
}

/** By the path of a removed checkout: when the removed one had been laid out, in milliseconds since 1970. */
export type RemovedCheckouts = ReadonlyMap<string, number>;

export function removedBy(records: readonly Pick<RetentionRecord, 'checkouts'>[]): RemovedCheckouts {
  const removed = new Map<string, number>();
  for (const { path, laidOut } of records.flatMap(({ checkouts }) => checkouts)) removed.set(path, Math.max(removed.get(path) ?? 0, Date.parse(laidOut)));
  return removed;
}

/** True where the checkout that a visit names was removed, and not laid out again for it. */
export function isRemoved({ path, time }: Pick<CheckoutRecord, 'path' | 'time'>, removed: RemovedCheckouts): boolean {
  const laidOut = path === null ? undefined : removed.get(path);
  return laidOut !== undefined && time !== null && Date.parse(time) <= laidOut;
}
