// The vault by itself: tokens, keys, rotation, erasure, and what its file gives away.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openVaultFile } from '../../vault/file.ts';
import { keyOfEnvironment, keyOfFile, type KeySource } from '../../vault/key.ts';
import { rotateMaster } from '../../vault/master.ts';
import { openVault, type Vault } from '../../vault/vault.ts';

let folder: string;
let count = 0;
const open: Vault[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-vault-'));
});
afterAll(async () => {
  for (const vault of open) vault.close();
  await rm(folder, { recursive: true, force: true });
});

const jane = { name: 'Jane Planted', email: 'jane.planted@example.org' };
const joe = { name: 'Joe Sown', email: 'joe@sown.example' };

interface Opened {
  vault: Vault;
  path: string;
  keyFile: string;
  again(): Vault;
}

function fresh(): Opened {
  const at = join(folder, String(++count));
  const [path, keyFile] = [join(at, 'vault.db'), join(at, 'vault.key')];
  const again = (): Vault => {
    const vault = openVault(path, keyOfFile(keyFile, true));
    open.push(vault);
    return vault;
  };
  return { vault: again(), path, keyFile, again };
}

function minted({ vault }: Opened, repository = 'project'): string {
  const token = vault.mint(jane, repository);
  vault.mint(joe, repository);
  vault.flush();
  return token;
}

it('gives one address one token, whoever asks and however it is written', () => {
  const opened = fresh();
  const token = minted(opened);
  expect(token).toMatch(/^pii-[0-9a-f]{32}$/);
  expect(opened.again().tokenOf({ name: 'J. P.', email: ' Jane.Planted@EXAMPLE.org' })).toBe(token);
  expect(opened.vault.tokenOf({ name: 'Jane Planted', email: 'jane@elsewhere.example' })).not.toBe(token);
  expect(opened.vault.tokenOf({ name: '', email: '' })).toBe('');
  expect(fresh().vault.tokenOf(jane)).not.toBe(token);
});

it('knows who is behind a token, under every name, and where they were seen', () => {
  const opened = fresh();
  const token = minted(opened);
  opened.vault.mint({ ...jane, name: 'Jane P.' }, 'other');
  opened.vault.flush();
  expect(opened.again().behind(token)).toMatchObject({ state: 'known', held: { email: jane.email, names: ['Jane Planted', 'Jane P.'] }, repositories: ['other', 'project'] });
  expect(opened.vault.behind(`pii-${'0'.repeat(32)}`)).toBeNull();
  expect(opened.vault.named('planted')).toEqual([token]);
});

it('keeps nothing in its file that can be read without the key', async () => {
  const opened = fresh();
  minted(opened);
  const bytes = await readFile(opened.path);
  for (const word of ['jane', 'Jane', 'planted', 'Planted', 'sown']) expect(bytes.includes(word), word).toBe(false);
  for (const file of [opened.path, opened.keyFile]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  await rm(opened.keyFile);
  expect(() => opened.again()).toThrow(/vault.key/);
  await writeFile(opened.keyFile, `${randomBytes(32).toString('base64')}\n`);
  expect(() => opened.again()).toThrow(/does not hold the key of this vault/);
});

it('gives new tokens, and the old ones lead to the same person', () => {
  const opened = fresh();
  const [first, other] = [minted(opened), opened.vault.tokenOf(joe)];
  const second = (opened.vault.rotate(first), opened.vault.tokenOf(jane));
  expect(second).not.toBe(first);
  expect(opened.vault.tokenOf(joe)).toBe(other);
  expect(opened.vault.rotate(null)).toBe(2);
  const third = opened.again().tokenOf(jane);
  expect(new Set([first, second, third]).size).toBe(3);
  for (const token of [first, second, third]) expect(opened.vault.behind(token)).toMatchObject({ held: { email: jane.email } });
  expect(opened.vault.current(first)).toBe(third);
  expect(opened.vault.tokenOf(joe)).not.toBe(other);
  const late = opened.vault.mint({ name: 'New', email: 'new@example.org' }, 'project');
  opened.vault.flush();
  expect(opened.vault.behind(late)).toMatchObject({ held: { email: 'new@example.org' } });
});

it('is sealed by a new master key while another process has it open, and the old key opens it no more', async () => {
  const opened = fresh();
  const token = minted(opened);
  const [before, other] = [await readFile(opened.keyFile, 'utf8'), opened.again()];
  expect(other.behind(token)).toMatchObject({ state: 'known' });
  expect(opened.vault.rotateKey()).toBe(2);
  expect(await readFile(opened.keyFile, 'utf8')).not.toBe(before);
  for (const vault of [opened.vault, other, opened.again()]) expect(vault.behind(token)).toMatchObject({ state: 'known', held: { email: jane.email } });
  await writeFile(opened.keyFile, before);
  expect(() => opened.again()).toThrow(/does not hold the key/);
});

it('takes a key of somebody else by reference, and a new one when it stands before the old', () => {
  const path = join(folder, 'by-reference.db');
  const [old, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const env: NodeJS.ProcessEnv = {};
  const source = keyOfEnvironment('VAULT_KEY', env);
  expect(() => openVault(path, source)).toThrow(/holds no key/);
  env['VAULT_KEY'] = old;
  const vault = openVault(path, source);
  open.push(vault);
  const token = vault.mint(jane, 'project');
  vault.flush();
  expect(() => vault.rotateKey()).toThrow(/no new key/);
  env['VAULT_KEY'] = `${next}\n${old}`;
  vault.rotateKey();
  env['VAULT_KEY'] = next;
  expect(vault.behind(token)).toMatchObject({ state: 'known' });
});

it('erases a person for good: no key, no ciphertext, and minting them again stores nothing', async () => {
  const opened = fresh();
  const token = minted(opened);
  const other = opened.again();
  const [before, secrets] = [await readFile(opened.path), blobsOf(opened.path, token)];
  expect(opened.vault.erase(opened.vault.firstOf(jane), '2026-11-21T10:00:00.000Z', 'ada')).toBe(true);
  expect(opened.vault.erase(token, '2026-11-22T10:00:00.000Z', 'eve')).toBe(false);
  for (const vault of [opened.vault, other]) {
    expect(vault.behind(token)).toEqual({ first: token, state: 'erased', at: '2026-11-21T10:00:00.000Z', by: 'ada' });
    expect(vault.mint(jane, 'project')).toBe(token);
    vault.flush();
    expect(vault.behind(token)).toMatchObject({ state: 'erased' });
    expect(vault.named('Jane')).toEqual([]);
  }
  expect(opened.vault.counts()).toMatchObject({ people: 1, erased: 1 });
  const after = await readFile(opened.path);
  for (const blob of secrets) expect([before.includes(blob), after.includes(blob)]).toEqual([true, false]); // overwritten, not only let go
});

/** The wrapped key and the ciphertext of a person, as the file has them. */
function blobsOf(path: string, first: string): Buffer[] {
  using db = disposable(new Database(path, { readonly: true }));
  return Object.values(db.prepare('SELECT wrapped, sealed FROM people WHERE first = ?').get(first) as Record<string, Buffer>);
}

const disposable = (db: Database.Database): Database.Database & Disposable => Object.assign(db, { [Symbol.dispose]: () => void db.close() });

it('keeps its key when two processes rotate it at the same time', () => {
  const opened = fresh();
  const token = minted(opened);
  const other = openVaultFile(opened.path);
  other.pragma('busy_timeout = 0');
  const key = keyOfFile(opened.keyFile, true);
  let met = 0;
  const meeting: KeySource = {
    ...key,
    replace: (keys) => {
      if (met++ === 0) try { rotateMaster(other, key); } catch { /* it has to wait */ }
      key.replace?.(keys);
    },
  };
  const mine = openVaultFile(opened.path);
  try { rotateMaster(mine, meeting); } catch { /* the other was first */ }
  mine.close();
  other.close();
  expect(opened.again().behind(token)).toMatchObject({ state: 'known' });
});

it('erases somebody before they were ever seen, and rotates them like everybody', () => {
  const opened = fresh();
  const first = opened.vault.firstOf(jane);
  expect(opened.vault.erase(first, '2026-11-21T10:00:00.000Z', 'ada')).toBe(true);
  opened.vault.rotate(null);
  const token = opened.vault.mint(jane, 'project');
  opened.vault.flush();
  expect(token).not.toBe(first);
  expect(opened.vault.behind(token)).toMatchObject({ state: 'erased', by: 'ada' });
});
