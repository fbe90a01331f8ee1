// Cost and retention through the command line, the REST interface's list and the agent's tools.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tools } from '../../agent/tools/index.ts';
import { loadConfig } from '../../config.ts';
import type { RetentionPlan, RetentionRecord, RetentionSummary } from '../../contract/retention.ts';
import type { CostReport } from '../../operations/cost.ts';
import { allOperations } from '../../operations/index.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

let folder: string;
let pivo: Pivo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-keep-'));
  const [origin, home] = [join(folder, 'project.git'), join(folder, 'home')];
  await mkdir(home);
  await writeFile(join(home, 'config.toml'), '[retention]\ncheckouts = { keep = 1 }\n');
  pivo = await startPivo(home);
  await initBare(origin);
  let parent: string | undefined;
  for (let n = 0; n < 3; n++) {
    [parent] = await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, ...(parent === undefined ? {} : { onto: parent }), when: `${1_600_000_000 + n} +0000`, files: [{ path: 'same', content: 'same\n' }, { path: 'file', content: `${n}\n`.repeat(100) }] }]);
    await pivo.text('ingest', origin, '--checkout', 'files');
  }
});
afterAll(async () => {
  await pivo.close();
  await rm(folder, { recursive: true, force: true });
});

const fails = async (code: number, ...args: string[]): Promise<void> => expect(pivo.text(...args)).rejects.toMatchObject({ code });

test('cost says what is there, by part and visit, and does not pretend to know a year', async () => {
  const report = await pivo.json<CostReport>('cost', 'project');
  expect(report.total).toMatchObject({ replication: null, objects: null, perYear: null, uncertain: 1 });
  expect(report.parts.map(({ part }) => part).toSorted()).toEqual(['checkouts', 'packs', 'snapshots', 'visits']);
  expect(report.parts.find(({ part }) => part === 'checkouts')).toMatchObject({ files: 6, bytes: 3 * 205, stored: 3 * 200 + 5 }); // the same file once
  expect(report.parts.find(({ part }) => part === 'visits')).toMatchObject({ files: 3, folders: 1 });
  expect(report.visits?.map(({ visit, packs, checkout }) => [visit, packs, checkout?.files])).toEqual([[3, 1, 2], [2, 1, 2], [1, 1, 2]]);
  const sum = report.parts.reduce((bytes, part) => bytes + part.bytes, 0);
  expect(report.repositories[0]?.bytes).toBe(sum);
  expect(await pivo.text('cost', 'project', '--limit', '1')).toMatch(/On disk[^]*A year adds +not known yet \(3 visits in 0\.0 days say little about a year\)[^]*packs[^]*VISIT[^]*2 files, 205 bytes/);
  expect((await pivo.json<CostReport>('cost', '--all')).repositories.map(({ repository }) => repository)).toEqual(['project']);
  expect(await pivo.text('cost', '--all')).toMatch(/REPOSITORY[^]*project/);
  await fails(2, 'cost');
  await fails(2, 'cost', 'project', '--all');
  await fails(3, 'cost', 'unknown');
});

test('retention shows a plan, carries out exactly that one, and remembers who let go of what', async () => {
  const plan = await pivo.json<RetentionPlan>('retention', 'plan', '--all');
  expect(plan).toMatchObject({ files: 4, bytes: 2 * 205, repositories: [{ repository: 'project', stay: 1, skipped: null }] });
  expect(await pivo.text('retention', 'plan', 'project')).toMatch(/CHECKOUT[^]*2 checkouts of 1 repository, 4 files, 410 bytes as laid out; policy: the last 1 stay\n.*pivo retention apply [0-9a-f]{64}\n/);
  expect(await pivo.text('retention', 'list')).toBe('nothing was ever removed\n');
  await fails(10, 'retention', 'apply', 'f'.repeat(64));
  await fails(2, 'retention', 'apply', 'no-hash');
  expect(await pivo.json<RetentionSummary>('retention', 'apply', plan.hash ?? '')).toMatchObject({ repositories: 1, removed: 2, failures: 0 });
  expect(await pivo.text('retention', 'plan', '--all')).toMatch(/nothing to remove in 1 repository/);
  expect(await pivo.json<RetentionRecord[]>('retention', 'list', 'project')).toMatchObject([{ number: 1, checkouts: [{}, {}] }]);
  expect((await pivo.json<CostReport>('cost', 'project')).visits?.map(({ checkout }) => checkout?.removed)).toEqual([false, true, true]);
  expect(await pivo.json<{ ok: boolean }>('verify', 'project')).toMatchObject({ ok: true });
  expect(await pivo.text('cat', 'project@1', 'file').catch(() => pivo.text('cat', 'project', 'file'))).toContain('\n');
  const rows = async (): Promise<unknown> => (await pivo.json<{ rows: unknown[][] }>('query', "SELECT repo_name, outcome, details ->> '$.removed' FROM audit WHERE action = 'retain'")).rows;
  await expect.poll(rows).toEqual([['project', 'done', 2]]);
});

test('is decided by people only: no tool of an agent reaches it, and cost is one', async () => {
  const kinds = Object.fromEntries((await allOperations()).map(({ name, kind }) => [name, kind]));
  expect([kinds['cost'], kinds['retention-plan'], kinds['retentions'], kinds['retention-apply']]).toEqual(['reads', 'reads', 'reads', 'decides']);
  expect(tools.filter(({ operation }) => /retention/.test(operation))).toEqual([]);
  expect(tools.some(({ operation }) => operation === 'cost')).toBe(true);
});

test('the policy is off unless the configuration says what stays, and wrong ones are refused', async () => {
  const home = await mkdtemp(join(folder, 'config-'));
  const policyOf = async (toml: string): Promise<unknown> => {
    await writeFile(join(home, 'config.toml'), toml);
    return loadConfig({ PIVO_HOME: home }).retention;
  };
  expect(await policyOf('')).toEqual({});
  expect(await policyOf('[retention]\ncheckouts = { keep = 3, olderThan = "90d" }')).toEqual({ checkouts: { keep: 3, olderThan: 90 } });
  expect(await policyOf('[retention]\ncheckouts = { olderThan = "2w" }')).toEqual({ checkouts: { olderThan: 14 } });
  for (const wrong of ['{}', '{ keep = 0 }', '{ keep = -1 }', '{ keep = 1.5 }', '{ olderThan = "90" }', '{ olderThan = "0d" }', '{ keep = 1, packs = true }']) await expect(policyOf(`[retention]\ncheckouts = ${wrong}`)).rejects.toMatchObject({ kind: 'InvalidInput' });
  await expect(policyOf('[retention]\npacks = { keep = 1 }')).rejects.toMatchObject({ kind: 'InvalidInput' });
});
