// The gate through the command line: shown by `repos`, `visits` and `gate`, decided by a person, told to the index and the audit log.
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GateState } from '../../operations/gate.ts';
import type { Decided } from '../../operations/gate-decide.ts';
import type { RepositoryState } from '../../operations/repos.ts';
import type { VisitList } from '../../operations/visits.ts';
import { allOperations } from '../../operations/index.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare, setRefs } from '../fixtures/plumbing.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

let folder: string;
let origin: string;
let pivo: Pivo;
let commits: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-gate-'));
  origin = join(folder, 'project.git');
  await initBare(origin);
  commits = await importCommits(origin, [
    { ref: 'refs/heads/main', mark: 1, files: [{ path: 'a', content: 'first\n' }] },
    { ref: 'refs/heads/main', mark: 2, parents: [1], files: [{ path: 'a', content: 'second\n' }] },
  ]);
  pivo = await startPivo(join(folder, 'home'));
  await pivo.text('ingest', origin);
  await setRefs(origin, [['refs/heads/main', commits[0] ?? '']]);
  await pivo.text('ingest', origin);
});
afterAll(async () => {
  await pivo.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = async (sql: string): Promise<unknown[][]> => (await pivo.json<{ rows: unknown[][] }>('query', sql)).rows;

it('is shown where people look', async () => {
  expect(await pivo.json<RepositoryState[]>('repos')).toMatchObject([{ visit: 2, current: 1, gone: null }]);
  expect(await pivo.json<VisitList>('visits', 'project')).toMatchObject({ current: 1, visits: [{ seq: 2, held: true, changes: { destroyed: { truncated: 1, commits: 1 } } }, { seq: 1, held: false }] });
  expect(await pivo.text('visits', 'project')).toMatch(/1 destroyed, held/);
  expect(await pivo.text('gate')).toMatch(/visit 1 of 2[^]*Held +visit 2 by policy: refs\/heads\/main was cut short[^]*truncated +refs\/heads\/main/);
  expect(await pivo.text('cat', 'project@current', 'a')).toBe('second\n');
  expect(await pivo.text('cat', 'project', 'a')).toBe('first\n');
  expect(await rows('SELECT visit, kind, ref_name, lost FROM destructions')).toEqual([[2, 'truncated', 'refs/heads/main', 1]]);
});

it('moves when a person says so, and the audit log knows who', async () => {
  expect(await pivo.json<Decided>('gate', 'accept', 'project', '--reason', 'on purpose')).toMatchObject({ current: 2, latest: 2 });
  expect(await pivo.text('cat', 'project@current', 'a')).toBe('first\n');
  await expect(pivo.text('gate', 'accept', 'project')).rejects.toMatchObject({ code: 2 });
  expect(await pivo.json<Decided>('gate', 'hold', 'project', '2')).toMatchObject({ current: 1 });
  await expect(pivo.text('gate', 'hold', 'project', '1')).rejects.toMatchObject({ code: 2 });
  await expect.poll(() => rows("SELECT actor <> '', details ->> '$.decision', details ->> '$.visit' FROM audit WHERE action = 'gate' ORDER BY time")).toEqual([[1, 'accept', 2], [1, 'hold', 2]]);
  const digest = async (from: string): Promise<string> => (await pivo.json<{ digest: string }>('reindex', '--from', from)).digest;
  expect(await digest('archive')).toBe(await digest('log'));
});

it('tells of an origin that is gone, as an event and a state, and writes no visit', async () => {
  await rename(origin, `${origin}.aside`);
  await expect(pivo.text('ingest', origin, '--json')).rejects.toMatchObject({ code: 4, stderr: expect.stringContaining('OriginGone') as string });
  expect(await pivo.json<RepositoryState[]>('repos')).toMatchObject([{ visit: 2, gone: expect.any(String) as string }]);
  expect(await pivo.text('repos')).toContain('gone since');
  await expect.poll(() => rows("SELECT visit, kind FROM destructions WHERE kind = 'gone'")).toEqual([[2, 'gone']]);
  expect(await pivo.json<GateState[]>('gate', 'project')).toMatchObject([{ gone: { reason: expect.stringContaining('does not appear') as string } }]);
});

it('is decided by people only', async () => {
  const kinds = (await allOperations()).filter(({ name }) => name.startsWith('gate')).map(({ name, kind }) => [name, kind]);
  expect(kinds).toEqual([['gate', 'reads'], ['gate-accept', 'decides'], ['gate-hold', 'decides']]);
});
