// The workflow `forgeData`: durable waits, a worker that is killed in the midst of pages, one export, its events and its record.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forgeRecords, listForgeExports, readForgeExport } from '../../archive/forge-data.ts';
import { openStore } from '../../archive/open.ts';
import type { ForgeDataResult, ForgeDataStatus } from '../../contract/forge-data.ts';
import { TASK_QUEUE, TOPIC, forgeDataWorkflowId } from '../../contract/names.ts';
import { openEventLog } from '../../events/open.ts';
import { saveCredential } from '../../git/credentials.ts';
import { TOKEN } from '../forges/fake-forge.ts';
import { startFakeGithubData, type FakeGithubData } from '../forges/fake-github-data.ts';
import { startTemporal, type TestTemporal } from '../harness/temporal.ts';

const WORKER = fileURLToPath(new URL('../../workers/worker.ts', import.meta.url));

let temporal: TestTemporal;
let fake: FakeGithubData;
let home: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
  fake = await startFakeGithubData(null);
  home = join(temporal.folder, 'home');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'config.toml'), `[[forges]]\nhost = "${new URL(fake.web).host}"\nkind = "github"\napi = "${fake.api}"\ncredential = "forge"\n`);
  await saveCredential(join(home, 'credentials'), 'forge', { kind: 'token', username: 'x', token: TOKEN });
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await fake.close();
  await temporal.stop();
});

/** The worker as `pivo up` starts it, when both its queues are polled. */
async function startWorkerProcess(): Promise<ChildProcess> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PIVO_HOME: home, TEMPORAL_ADDRESS: temporal.server.address, PIVO_LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

const pagesOf = (route: string): number => fake.asked.filter((each) => each.route === route).length;

it('waits durably where it is limited, and goes on at the page where a killed worker was', { timeout: 150_000 }, async () => {
  for (let i = 0; i < 720; i++) fake.data.issue();
  fake.data.comment(1, 'mail me: jane@example.org');
  const issues = 'GET /repos/{owner}/{repo}/issues';
  const worker = await startWorkerProcess();
  const killed = once(worker, 'exit');
  fake.fault(
    { on: ({ route }) => route === issues && pagesOf(issues) === 3, answer: { status: 403, body: { message: 'API rate limit exceeded' }, headers: { 'retry-after': '2' } } },
    { on: ({ route }) => route === issues && pagesOf(issues) === 6, act: () => void worker.kill('SIGKILL'), reset: 'before' },
  );
  const handle = await temporal.client.workflow.start('forgeData', { taskQueue: TASK_QUEUE, workflowId: forgeDataWorkflowId('shop'), args: [{ repository: 'shop', url: `${fake.web}/acme/shop` }], memo: { requestedBy: 'ada' } });
  await expect.poll(async () => (await handle.query<ForgeDataStatus>('status')).waitsUntil, { timeout: 60_000 }).not.toBeNull();
  await killed;
  await startWorkerProcess();

  const result = await handle.result() as ForgeDataResult;
  expect(result).toMatchObject({ repository: 'shop', export: 1, unchanged: false, records: { issues: 720, 'issue-comments': 1 }, holes: [] });
  const asked = fake.asked.filter(({ route }) => route === issues).map(({ query }) => query.toString());
  expect(asked.length - new Set(asked).size).toBe(2);

  const store = openStore(`file://${join(home, 'archive')}`);
  expect(await listForgeExports(store, 'shop')).toEqual([1]);
  const { document } = await readForgeExport(store, 'shop', 1);
  const numbers = new Set<number | null>();
  for await (const { number } of forgeRecords(store, document, 'issues')) numbers.add(number);
  expect(numbers.size).toBe(720);

  const events = openEventLog(`sqlite:${join(home, 'events.db')}`);
  const told = new Set<string>();
  const reading = new AbortController();
  const audits: unknown[] = [];
  await events.subscribe({
    group: null, topics: [TOPIC.commits, TOPIC.audit], position: () => 0, signal: reading.signal,
    // oxlint-disable-next-line require-await -- the port is asynchronous
    handle: async ({ messages, topic }) => {
      for (const { id, value } of messages) {
        if (topic === TOPIC.commits) told.add(id);
        else audits.push(JSON.parse(value));
      }
      if (told.has('forge:shop:1') && audits.length > 0) reading.abort();
    },
  });
  await events.close();
  expect(told.size).toBe(722);
  expect(audits).toMatchObject([{ action: 'forge-data', outcome: 'done', actor: 'ada', repository: 'shop', details: { export: 1 } }]);
});

it('fails in words where there is nothing to export', { timeout: 60_000 }, async () => {
  const failed = temporal.client.workflow.execute('forgeData', { taskQueue: TASK_QUEUE, workflowId: forgeDataWorkflowId('nobody'), args: [{ repository: 'nobody' }] });
  await expect(failed).rejects.toMatchObject({ cause: { message: expect.stringContaining('there is no repository "nobody"') as string } });
});
