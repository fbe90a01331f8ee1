// One person in the vault's database: adding, opening, and destroying for good.
import type Database from 'better-sqlite3';
import type { Held } from './identity.ts';
import { newKey } from './key.ts';
import type { Master } from './master.ts';
import { seal, unseal } from './seal.ts';

/** A person as the database has them. Without `sealed` they were erased: this is their tombstone. */
export interface PersonRow {
  id: number;
  first: string;
  generation: number;
  wrapped: Buffer | null;
  sealed: Buffer | null;
  erased_at: string | null;
  erased_by: string | null;
}

const COLUMNS = 'id, first, generation, wrapped, sealed, erased_at, erased_by';

export const rowOf = (db: Database.Database, first: string): PersonRow | undefined => db.prepare<[string], PersonRow>(`SELECT ${COLUMNS} FROM people WHERE first = ?`).get(first);
export const rowOfToken = (db: Database.Database, token: string): PersonRow | undefined => db.prepare<[string], PersonRow>(`SELECT ${COLUMNS} FROM people WHERE id = (SELECT person FROM tokens WHERE token = ?)`).get(token);
export const allRows = (db: Database.Database): PersonRow[] => db.prepare<[], PersonRow>(`SELECT ${COLUMNS} FROM people ORDER BY id`).all();
export const repositoriesOf = (db: Database.Database, person: number): string[] => db.prepare<[number], string>('SELECT repository FROM seen WHERE person = ? ORDER BY repository').pluck().all(person);

const contentLabel = (first: string): string => `person ${first}`;

/** Who it is; null for a tombstone. Fails with Damaged. */
export function heldIn({ first, wrapped, sealed }: PersonRow, { key }: Master): Held | null {
  if (wrapped === null || sealed === null) return null;
  return JSON.parse(unseal(unseal(key, first, wrapped), contentLabel(first), sealed).toString('utf8')) as Held;
}

/** Adds a person with a key of their own; returns their row's id. */
export function insertPerson(db: Database.Database, { key }: Master, first: string, generation: number, held: Held): number {
  const own = newKey();
  const sealed = seal(own, contentLabel(first), Buffer.from(JSON.stringify(held)));
  const { lastInsertRowid } = db.prepare('INSERT INTO people (first, generation, wrapped, sealed) VALUES (?, ?, ?, ?)').run(first, generation, seal(key, first, own), sealed);
  return Number(lastInsertRowid);
}

/** Replaces what is sealed of a person who was not erased. */
export function resealPerson(db: Database.Database, { key }: Master, { id, first, wrapped }: PersonRow, held: Held): void {
  if (wrapped === null) return;
  db.prepare('UPDATE people SET sealed = ? WHERE id = ?').run(seal(unseal(key, first, wrapped), contentLabel(first), Buffer.from(JSON.stringify(held))), id);
}

/** Destroys a person's key and ciphertext and forgets where they were seen; their tokens stay, as tombstone. */
export function buryPerson(db: Database.Database, id: number, at: string, by: string): void {
  db.prepare('UPDATE people SET wrapped = NULL, sealed = NULL, erased_at = ?, erased_by = ? WHERE id = ?').run(at, by, id);
  db.prepare('DELETE FROM seen WHERE person = ?').run(id);
}

export const addToken = (db: Database.Database, token: string, person: number): void => void db.prepare('INSERT OR IGNORE INTO tokens (token, person) VALUES (?, ?)').run(token, person);
export const addSeen = (db: Database.Database, person: number, repository: string): void => void db.prepare('INSERT OR IGNORE INTO seen (person, repository) VALUES (?, ?)').run(person, repository);
