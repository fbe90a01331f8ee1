// The embedded Temporal: ready when it says so, found again where it was, clear when it cannot start.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporalServer, type TemporalServerOptions } from '../../stack/temporal-server.ts';
import { temporalCli } from '../harness/temporal.ts';

let folder: string;
let options: TemporalServerOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-temporal-'));
  options = { cli: await temporalCli(), dbFile: join(folder, 'temporal.db'), ui: true, logFile: join(folder, 'temporal.log'), namespace: 'default', searchAttributes: {} };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

it('starts again on its ports, with every run that it acknowledged', async () => {
  const first = await startTemporalServer(options);
  expect((await fetch(first.uiUrl ?? '')).status).toBe(200);
  await withClient(first.address, (client) => client.workflow.start('ingest', { taskQueue: 'none', workflowId: 'kept', args: [] }));
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await startTemporalServer({ ...options, prefer: { port: first.port, uiPort: first.uiPort } });
  expect({ address: second.address, ui: second.uiUrl }).toEqual({ address: first.address, ui: first.uiUrl });
  expect((await withClient(second.address, (client) => client.workflow.getHandle('kept').describe())).status.name).toBe('RUNNING');
  await second.stop();
});

it('takes other ports when somebody has the preferred ones', async () => {
  const first = await startTemporalServer({ ...options, dbFile: null, ui: false });
  const second = await startTemporalServer({ ...options, dbFile: null, ui: false, prefer: { port: first.port, uiPort: null } });
  expect(second.port).not.toBe(first.port);
  await Promise.all([first.stop(), second.stop()]);
});

it('says why it cannot start', async () => {
  const failing = startTemporalServer({ ...options, dbFile: join(folder, 'no', 'such', 'folder', 'temporal.db'), logFile: join(folder, 'failing.log') });
  await expect(failing).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringMatching(/^the Temporal dev server ended: .*no\/such\/folder/s) as string });
});
