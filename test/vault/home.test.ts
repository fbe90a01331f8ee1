// A whole home with the vault on: nobody who was planted in an origin is found anywhere outside of it.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedPerson, VaultMigration, VaultStatus } from '../../contract/vault.ts';
import { describeTools } from '../../agent/tools/index.ts';
import { allOperations } from '../../operations/index.ts';
import { compareRepositories } from '../harness/compare.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { findPlanted, IN_FILE, PLANTED, plantedOrigin } from './planted.ts';

let folder: string;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-vault-'));
  origin = join(folder, 'planted.git');
  await plantedOrigin(origin);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ON = '[vault]\nenabled = true\n';
const USERS = ['tim', 'jane', 'eve', 'olga'];
const RULES = `operators = ["olga"]\n[vault.users]\njane = ["${PLANTED.author[1]}"]\n[[vault.teams]]\nname = "core"\nusers = ["tim"]\nrepositories = ["plant*"]\n${USERS.map((user) => `[[server.tokens]]\nuser = "${user}"\nrole = "reader"\nsha256 = "${createHash('sha256').update(`token-of-${user}`).digest('hex')}"\n`).join('')}`;
const JANE = PLANTED.author[1];

const rows = async (pivo: Pivo, sql: string): Promise<unknown[][]> => (await pivo.json<{ rows: unknown[][] }>('query', sql)).rows;
const digest = async (pivo: Pivo, from: string): Promise<string> => (await pivo.json<{ digest: string }>('reindex', '--from', from)).digest;
const tokenOf = async (pivo: Pivo, who: string): Promise<string> => (await pivo.json<{ people: { person: string }[] }>('vault', 'find', who)).people[0]?.person ?? '';
const resolved = async (pivo: Pivo, ...tokens: string[]): Promise<ResolvedPerson[]> => (await pivo.json<{ people: ResolvedPerson[] }>('vault', 'resolve', ...tokens)).people;

/** What people do with a home; returns all that was printed. */
async function mainJob(pivo: Pivo): Promise<string> {
  const log = join(folder, 'driver.log');
  await writeFile(log, `26/11/21 10:00:00 INFO Main: sent to ${PLANTED.uploaded[1]}\n`);
  const printed: string[] = [];
  for (const args of [
    ['ingest', origin],
    ['log', 'planted'],
    ['query', 'SELECT author_name, author_email, committer_name, committer_email, subject, body FROM commits'],
    ['ask', 'who contributed to planted?'],
    ['ask', 'what did Jane Planted change in planted?'],
    ['ask', `what did ${PLANTED.asked[1]} change in planted?`],
    ['ask', 'show package.json of planted'],
    ['docs', 'planted'],
    ['upload', log],
    ['restore', 'planted', '--to', join(pivo.home, '..', `restored-${String(Date.now())}.git`), '--yes'],
    ['query', 'SELECT * FROM audit'],
  ]) printed.push(await pivo.text(...args));
  return printed.join('\n');
}

describe('with the vault on from the start', () => {
  let pivo: Pivo;
  let printed: string;

  beforeAll(async () => {
    const home = join(folder, 'on');
    await mkdir(home);
    await writeFile(join(home, 'config.toml'), ON + RULES);
    pivo = await startPivo(home, { PIVO_LOG_LEVEL: 'debug' });
    printed = await mainJob(pivo);
  });
  afterAll(() => pivo.close());

  it('shows and stores tokens only', async () => {
    expect(Object.values(PLANTED).flat().filter((word) => word !== '' && printed.toLowerCase().includes(word.toLowerCase()))).toEqual([]);
    expect(await findPlanted(pivo.home)).toEqual([]);
    expect(await rows(pivo, 'SELECT DISTINCT author_name, author_email FROM commits')).toEqual([[await tokenOf(pivo, JANE), `${await tokenOf(pivo, JANE)}@vault.invalid`]]);
  });

  it('answers what a person is asked about, by the token', () => {
    expect(printed).toMatch(/Begin[^]*Go on/);
  });

  it('builds the same index from the log and from the archive', async () => {
    expect(await digest(pivo, 'archive')).toBe(await digest(pivo, 'log'));
  });

  it('tells its owner who they are, and the audit log that it was asked', async () => {
    const [jane, sina] = [await tokenOf(pivo, JANE), await tokenOf(pivo, 'Sina Signed')];
    expect(await resolved(pivo, jane, sina)).toMatchObject([{ role: 'operator', email: JANE, names: ['Jane Planted'], repositories: ['planted'] }, { email: PLANTED.signer[1], names: ['Sina Signed'] }]);
    await expect.poll(() => rows(pivo, `SELECT actor, outcome FROM audit WHERE action = 'vault' AND details ->> '$.act' = 'resolve' AND details LIKE '%${jane}%'`)).toEqual([[userInfo().username, 'done']]);
    expect(await pivo.json<VaultStatus>('vault')).toMatchObject({ enabled: true, erased: 0, generation: 1 });
  });

  it('tells a team, and somebody of themselves, and nobody else; each refusal is told', async () => {
    const [jane, carl] = [await tokenOf(pivo, JANE), await tokenOf(pivo, PLANTED.committer[1])];
    const { url } = JSON.parse(await readFile(join(pivo.home, 'run', 'server.json'), 'utf8')) as { url: string };
    const ask = async (user: string, path: string, body: object): Promise<{ status: number; people?: ResolvedPerson[] }> => {
      const response = await fetch(`${url}/api/v1/vault/${path}`, { method: 'POST', headers: { authorization: `Bearer token-of-${user}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
      return { status: response.status, ...((await response.json()) as object) };
    };
    const states = async (user: string): Promise<unknown[]> => (await ask(user, 'resolve', { tokens: [jane, carl] })).people?.map((each) => (each.state === 'known' ? each.role : each.state)) ?? [];
    expect(await Promise.all(USERS.map(states))).toEqual([['team', 'team'], ['self', 'refused'], ['refused', 'refused'], ['operator', 'operator']]);
    expect((await ask('eve', 'find', { who: JANE })).status).toBe(403);
    expect((await ask('tim', 'erase', { who: carl })).status).toBe(403);
    expect((await ask('olga', 'find', { who: JANE })).status).toBe(200);
    await expect.poll(() => rows(pivo, "SELECT actor, details ->> '$.act' FROM audit WHERE action = 'vault' AND outcome = 'refused' ORDER BY 1, 2")).toEqual([['eve', 'find'], ['eve', 'resolve'], ['jane', 'resolve'], ['tim', 'erase']]);
  });

  it('is no tool of an agent', async () => {
    expect((await describeTools()).filter(({ name }) => name.includes('vault'))).toEqual([]);
    for (const operation of (await allOperations()).filter(({ name }) => name.startsWith('vault-') && name !== 'vault-status')) expect(operation.kind).toBe('decides');
  });

  it('shows people in a history to who may see them', async () => {
    expect(await pivo.text('log', 'planted', '--resolve')).toContain('Jane Planted');
    expect(await pivo.text('log', 'planted')).not.toContain('Jane');
  });

  it('gives files and clones their own bytes', async () => {
    expect(await pivo.text('cat', 'planted', 'package.json')).toContain(IN_FILE);
    const target = join(folder, 'whole.git');
    await pivo.text('restore', 'planted', '--to', target, '--yes');
    expect(await compareRepositories(origin, target)).toEqual([]);
  });

  it('erases a person for good: no reindex brings them back, and the restore is the same', async () => {
    await expect(pivo.text('vault', 'erase', JANE)).rejects.toMatchObject({ code: 2 });
    const jane = await tokenOf(pivo, JANE);
    expect(await pivo.json('vault', 'erase', JANE, '--yes')).toEqual({ person: jane, already: false });
    await digest(pivo, 'archive');
    await rm(join(pivo.home, 'cache', 'planted', 'emitted.json'), { force: true });
    await pivo.text('ingest', origin);
    expect(await resolved(pivo, jane)).toMatchObject([{ state: 'erased', by: userInfo().username }]);
    expect(await rows(pivo, 'SELECT DISTINCT author_name FROM commits')).toEqual([[jane]]);
    expect(await findPlanted(pivo.home)).toEqual([]);
    expect((await readFile(join(pivo.home, 'vault.db'))).toString('latin1')).not.toMatch(/jane/i);
    const target = join(folder, 'after.git');
    await pivo.text('restore', 'planted', '--to', target, '--yes');
    expect(await compareRepositories(origin, target)).toEqual([]);
  });

  it('puts rotated tokens in the place of the old ones', async () => {
    const before = await tokenOf(pivo, PLANTED.committer[1]);
    await pivo.text('vault', 'rotate');
    const after = await tokenOf(pivo, PLANTED.committer[1]);
    expect(after).not.toBe(before);
    await pivo.json<VaultMigration>('vault', 'migrate');
    expect(await rows(pivo, 'SELECT DISTINCT committer_name FROM commits')).toEqual([[after]]);
    expect(await digest(pivo, 'archive')).toBe(await digest(pivo, 'log'));
    expect(await resolved(pivo, before)).toMatchObject([{ email: PLANTED.committer[1] }]);
    await pivo.text('vault', 'rotate', '--key');
    expect(await resolved(pivo, after)).toMatchObject([{ email: PLANTED.committer[1] }]);
  });
});

describe('with the vault switched on later', () => {
  let pivo: Pivo;

  beforeAll(async () => {
    pivo = await startPivo(join(folder, 'late'), { PIVO_LOG_LEVEL: 'debug' });
    expect(await mainJob(pivo)).toContain('Jane Planted');
    await pivo.text('down');
    await writeFile(join(pivo.home, 'config.toml'), ON);
    await pivo.text('up', '--detach');
  });
  afterAll(() => pivo.close());

  it('puts tokens wherever people were, and the same again changes nothing', async () => {
    const before = await rows(pivo, 'SELECT commit_hash, visit, committed_at FROM commits ORDER BY 1');
    const migration = await pivo.json<VaultMigration>('vault', 'migrate');
    expect(migration).toMatchObject({ repositories: 1, commits: 2 });
    expect(migration.messages).toBeGreaterThanOrEqual(2);
    expect(await pivo.json<VaultMigration>('vault', 'migrate')).toMatchObject({ messages: 0, texts: 0 });
    expect(await rows(pivo, 'SELECT commit_hash, visit, committed_at FROM commits ORDER BY 1')).toEqual(before);
    expect(await digest(pivo, 'archive')).toBe(await digest(pivo, 'log'));
    await pivo.text('down');
    await pivo.text('up', '--detach');
    expect((await findPlanted(pivo.home)).filter((each) => !each.startsWith('archive/audit/'))).toEqual([]);
    expect(await resolved(pivo, await tokenOf(pivo, JANE))).toMatchObject([{ email: JANE }]);
    expect(await pivo.text('ask', 'who contributed to planted?')).toContain('pii-');
  });
});
