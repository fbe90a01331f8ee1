// The vault: who is behind which token, minting, resolving, rotating and erasing.
import type Database from 'better-sqlite3';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { openVaultFile } from './file.ts';
import { identityText, type Held, type Identity } from './identity.ts';
import type { KeySource } from './key.ts';
import { openMaster, rotateMaster, type Master } from './master.ts';
import { addSeen, addToken, allRows, buryPerson, heldIn, insertPerson, repositoriesOf, resealPerson, rowOf, rowOfToken, type PersonRow } from './rows.ts';
import { tokenFrom } from './seal.ts';

/** A token's person: known, or erased and by whom. `first` names the person whatever token they go by. */
export type Behind =
  | { first: string; state: 'known'; held: Held; repositories: string[] }
  | { first: string; state: 'erased'; at: string; by: string };

/** What is known of a person without asking the file again. */
interface Known {
  generation: number;
  erased: boolean;
  names: Set<string>;
  repositories: Set<string>;
}

/** What a person is still to be stored with. */
interface Waiting {
  token: string;
  email: string;
  names: Set<string>;
  repositories: Set<string>;
}

/** Most people whose names are kept in memory at once. */
const KEPT_PEOPLE = 50_000;

/** Opens the vault at `path`; file and, where it is PIVO's own, key are made where they are missing. Fails with Unavailable, Damaged, CredentialMissing or InvalidInput. */
export function openVault(path: string, source: KeySource): Vault {
  return new Vault(openVaultFile(path), source);
}

/** One process's view of the vault; several processes may have one each. */
export class Vault {
  readonly #db: Database.Database;
  readonly #source: KeySource;
  #master: Master;
  #version: unknown;
  #generation = 1;
  readonly #firsts = new Map<string, string>();
  readonly #known = new Map<string, Known | null>();
  readonly #waiting = new Map<string, Waiting>();
  #names: readonly { name: string; token: string }[] | null = null;

  constructor(db: Database.Database, source: KeySource) {
    this.#db = db;
    this.#source = source;
    this.#master = openMaster(db, source);
    this.#look();
  }

  /** The token of a person, the same whenever it is asked until it is rotated; '' for nobody. Stores nothing. */
  tokenOf(identity: Identity): string {
    this.#look();
    const first = this.#firstOf(identity);
    return first === null ? '' : this.#tokenOf(first, this.#knownOf(first)?.generation ?? this.#generation);
  }

  /** As `tokenOf`, and who it is is stored by the next `flush`; an erased person stays erased. */
  mint(identity: Identity, repository: string): string {
    this.#look();
    const first = this.#firstOf(identity);
    if (first === null) return '';
    const known = this.#knownOf(first);
    const token = this.#tokenOf(first, known?.generation ?? this.#generation);
    if (known?.erased === true) return token;
    const name = identity.name.trim();
    if (known === null || (name !== '' && !known.names.has(name)) || !known.repositories.has(repository)) this.#wait(first, { token, email: identity.email.trim(), name, repository });
    return token;
  }

  /** Stores who was minted, in one transaction. Fails with Unavailable. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#guard(() => this.#db.transaction(() => {
      this.#look(); // a key that was rotated meanwhile
      for (const [first, each] of waiting) this.#store(first, each);
    }).immediate());
    this.#waiting.clear();
    for (const [first] of waiting) this.#known.delete(first);
    this.#names = null;
  }

  /** Who is behind a token of any generation; null when it is none of this vault's. */
  behind(token: string): Behind | null {
    this.#look();
    const row = this.#guard(() => rowOfToken(this.#db, token));
    if (row === undefined) return null;
    const held = heldIn(row, this.#master);
    if (held === null) return { first: row.first, state: 'erased', at: row.erased_at ?? '', by: row.erased_by ?? '' };
    return { first: row.first, state: 'known', held, repositories: repositoriesOf(this.#db, row.id) };
  }

  /** Names the person whatever token they go by, stored or not; '' for nobody. */
  firstOf(identity: Identity): string {
    this.#look();
    return this.#firstOf(identity) ?? '';
  }

  /** Tokens of everybody who has this name, or a name that contains it; case does not matter. */
  named(part: string): string[] {
    const wanted = part.normalize('NFC').trim().toLowerCase();
    if (wanted === '') return [];
    return [...new Set(this.names().filter(({ name }) => name.normalize('NFC').toLowerCase().includes(wanted)).map(({ token }) => token))];
  }

  /** Every name that is stored, with its token. */
  names(): readonly { name: string; token: string }[] {
    this.#look();
    this.#names ??= this.#guard(() => allRows(this.#db)).flatMap((row) => (heldIn(row, this.#master)?.names ?? []).map((name) => ({ name, token: this.#tokenOf(row.first, row.generation) })));
    return this.#names;
  }

  /** The token that is minted now for the person behind an older one; any other token as it is. */
  current(token: string): string {
    this.#look();
    const row = this.#guard(() => rowOfToken(this.#db, token));
    return row === undefined ? token : this.#tokenOf(row.first, row.generation);
  }

  /**
   * Destroys what makes a person known, for good, and leaves the tombstone by which minting them again stores nothing; also
   * for somebody who was never seen. False when they were erased before.
   */
  erase(first: string, at: string, by: string): boolean {
    const erase = this.#db.transaction(() => {
      const row = rowOf(this.#db, first);
      if (row !== undefined && row.erased_at !== null) return false;
      buryPerson(this.#db, row?.id ?? this.#bury(first), at, by);
      return true;
    });
    const erased = this.#guard(() => erase.immediate());
    this.#forget();
    return erased;
  }

  /** A new generation of tokens, of one person or of all; older tokens lead to them still. Returns how many people have a new token. */
  rotate(first: string | null): number {
    const rotate = this.#db.transaction(() => {
      const rows = first === null ? allRows(this.#db) : [rowOf(this.#db, first)].filter((row) => row !== undefined);
      const generation = first === null ? rows.reduce((highest, row) => Math.max(highest, row.generation), this.#storedGeneration()) + 1 : null;
      for (const row of rows) this.#renew(row, generation ?? row.generation + 1);
      if (generation !== null) this.#db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('generation', ?)").run(Buffer.from(String(generation)));
      return rows.length;
    });
    const people = this.#guard(() => rotate.immediate());
    this.#forget();
    return people;
  }

  /** Seals everything by another master key; see `rotateMaster`. */
  rotateKey(): number {
    const people = this.#guard(() => rotateMaster(this.#db, this.#source));
    this.#forget();
    return people;
  }

  counts(): { people: number; erased: number; tokens: number; generation: number } {
    this.#look();
    const sql = 'SELECT count(*) - count(erased_at) AS people, count(erased_at) AS erased, (SELECT count(*) FROM tokens) AS tokens FROM people';
    return { ...this.#guard(() => this.#db.prepare<[], { people: number; erased: number; tokens: number }>(sql).get() as { people: number; erased: number; tokens: number }), generation: this.#generation };
  }

  close(): void {
    this.#db.close();
  }

  /** Forgets what it knew when another process wrote. */
  #look(): void {
    const version = this.#db.pragma('data_version', { simple: true });
    if (version === this.#version) return;
    this.#forget();
    this.#version = version;
  }

  #forget(): void {
    this.#known.clear();
    this.#names = null;
    this.#master = openMaster(this.#db, this.#source);
    this.#generation = this.#storedGeneration();
  }

  #storedGeneration(): number {
    return Number(this.#db.prepare<[], Buffer>("SELECT value FROM meta WHERE name = 'generation'").pluck().get()?.toString() ?? 1);
  }

  #firstOf(identity: Identity): string | null {
    const text = identityText(identity);
    if (text === null) return null;
    const first = this.#firsts.get(text) ?? tokenFrom(this.#master.pepper, text);
    if (this.#firsts.size >= KEPT_PEOPLE) this.#firsts.clear();
    this.#firsts.set(text, first);
    return first;
  }

  #tokenOf(first: string, generation: number): string {
    return generation === 1 ? first : tokenFrom(this.#master.pepper, `${generation}\0${first}`);
  }

  #knownOf(first: string): Known | null {
    const known = this.#known.get(first);
    if (known !== undefined) return known;
    const found = this.#readKnown(this.#guard(() => rowOf(this.#db, first)));
    if (this.#known.size >= KEPT_PEOPLE) this.#known.clear();
    this.#known.set(first, found);
    return found;
  }

  #readKnown(row: PersonRow | undefined): Known | null {
    if (row === undefined) return null;
    return { generation: row.generation, erased: row.erased_at !== null, names: new Set(heldIn(row, this.#master)?.names), repositories: new Set(repositoriesOf(this.#db, row.id)) };
  }

  #wait(first: string, { token, email, name, repository }: { token: string; email: string; name: string; repository: string }): void {
    const waiting = this.#waiting.get(first) ?? { token, email, names: new Set(), repositories: new Set() };
    if (name !== '') waiting.names.add(name);
    waiting.repositories.add(repository);
    this.#waiting.set(first, waiting);
  }

  #store(first: string, { token, email, names, repositories }: Waiting): void {
    const row = rowOf(this.#db, first);
    if (row !== undefined && row.erased_at !== null) return;
    const id = row?.id ?? insertPerson(this.#db, this.#master, first, this.#generation, { email, names: [...names] });
    if (row !== undefined) this.#addNames(row, names);
    for (const each of [first, token]) addToken(this.#db, each, id);
    for (const repository of repositories) addSeen(this.#db, id, repository);
  }

  #addNames(row: PersonRow, names: ReadonlySet<string>): void {
    const held = heldIn(row, this.#master);
    if (held === null || [...names].every((name) => held.names.includes(name))) return;
    resealPerson(this.#db, this.#master, row, { ...held, names: [...new Set([...held.names, ...names])] });
  }

  /** A row for somebody who was never seen. */
  #bury(first: string): number {
    const generation = this.#storedGeneration();
    const { lastInsertRowid } = this.#db.prepare('INSERT INTO people (first, generation) VALUES (?, ?)').run(first, generation);
    for (const token of [first, this.#tokenOf(first, generation)]) addToken(this.#db, token, Number(lastInsertRowid));
    return Number(lastInsertRowid);
  }

  #renew({ id, first }: PersonRow, generation: number): void {
    this.#db.prepare('UPDATE people SET generation = ? WHERE id = ?').run(generation, id);
    addToken(this.#db, this.#tokenOf(first, generation), id);
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (isPivoError(error)) throw error;
      throw new PivoError('Unavailable', `the vault failed: ${(error as Error).message}`, { hint: 'Check free space and permissions of its folder.', cause: error });
    }
  }
}
