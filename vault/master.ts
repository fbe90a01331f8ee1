// The master key of an open vault, and the pepper that it seals: from it every token is made.
import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { newKey, type KeySource } from './key.ts';
import { keyId, seal, unseal } from './seal.ts';

export interface Master {
  key: Buffer;
  pepper: Buffer;
}

const PEPPER_BYTES = 32;
const PEPPER = 'pepper';

const metaOf = (db: Database.Database, name: string): Buffer | undefined => db.prepare<[string], Buffer>('SELECT value FROM meta WHERE name = ?').pluck().get(name);
const setMeta = (db: Database.Database, name: string, value: Buffer): void => void db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(name, value);

/** The master key and the pepper; a vault without any is given both. Fails with CredentialMissing when its key is not there any more. */
export function openMaster(db: Database.Database, source: KeySource): Master {
  const id = metaOf(db, 'key');
  if (id === undefined) return db.transaction(() => (metaOf(db, 'key') === undefined ? beginMaster(db, source) : openMaster(db, source))).immediate();
  const key = source.read().find((each) => keyId(each) === id.toString());
  if (key === undefined) throw new PivoError('CredentialMissing', `${source.name} does not hold the key of this vault`, { hint: 'Bring the vault\'s own key back: nothing else opens it.' });
  return { key, pepper: unseal(key, PEPPER, metaOf(db, PEPPER) ?? Buffer.alloc(0)) };
}

function beginMaster(db: Database.Database, source: KeySource): Master {
  source.create?.();
  const [key] = source.read() as [Buffer];
  const pepper = randomBytes(PEPPER_BYTES);
  setMeta(db, 'key', Buffer.from(keyId(key)));
  setMeta(db, PEPPER, seal(key, PEPPER, pepper));
  return { key, pepper };
}

/**
 * Seals pepper and every person's key anew by the first key of the source: by a new one where the source is PIVO's own.
 * Both keys are in the source until the database is written, so that a kill in between loses nothing; the source is written under
 * the database's lock, so that of two rotations neither takes away the other's key. Returns how many were sealed. Fails with
 * InvalidInput where no other key is there.
 */
export function rotateMaster(db: Database.Database, source: KeySource): number {
  const rotate = db.transaction(() => {
    const { key: old, pepper } = openMaster(db, source);
    source.replace?.([newKey(), old]);
    const [next] = source.read() as [Buffer];
    if (next.equals(old)) throw new PivoError('InvalidInput', `${source.name} holds no new key before the one in use`, { hint: 'Put the new key on the first line and keep the old one on the second, then try again; afterwards remove the old one.' });
    setMeta(db, 'key', Buffer.from(keyId(next)));
    setMeta(db, PEPPER, seal(next, PEPPER, pepper));
    return rewrap(db, old, next);
  });
  const people = rotate.immediate();
  db.transaction(() => source.replace?.([openMaster(db, source).key])).immediate();
  return people;
}

function rewrap(db: Database.Database, old: Buffer, next: Buffer): number {
  const rows = db.prepare<[], { id: number; first: string; wrapped: Buffer }>('SELECT id, first, wrapped FROM people WHERE wrapped IS NOT NULL').all();
  const update = db.prepare('UPDATE people SET wrapped = ? WHERE id = ?');
  for (const { id, first, wrapped } of rows) update.run(seal(next, first, unseal(old, first, wrapped)), id);
  return rows.length;
}
