// The engines that a test run shares end with it, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { enginePlaces, startTemporal } from '../../engines/index.ts';
import { exists } from '../../engines/files.ts';
import { identify, isRunning } from '../../processes/identity.ts';
import { processesOf } from './processes-of.ts';

const STARTER = `
  import('${join(import.meta.dirname, '../harness/engines-of-run.ts')}').then(async ({ default: setUp }) => {
    let home = '';
    await setUp({ provide: (_, given) => (home = given) });
    const [{ temporalCli }, { guarded }, { startTemporalServer }] = await Promise.all(${JSON.stringify(['harness/temporal.ts', 'harness/guarded.ts', '../stack/temporal-server.ts'].map((file) => join(import.meta.dirname, '..', file)))}.map((file) => import(file)));
    const server = await startTemporalServer({ cli: await temporalCli(), dbFile: null, ui: false, logFile: home + '/temporal.log', namespace: 'default', searchAttributes: {} });
    await guarded(server.pid);
    process.stdout.write(JSON.stringify({ home, server: server.pid }));
    setInterval(() => {}, 1000);
  });
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-guard-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(['SIGINT', 'SIGKILL'] as const)('a run that ends by %s leaves no engine, no server and no home', async (signal) => {
  const run = spawn(process.execPath, ['--input-type=module', '--eval', STARTER], { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(run.stdout.setEncoding('utf8'), 'data')) as [string];
  const { home, server } = JSON.parse(said) as { home: string; server: number };
  const identity = identify(server);
  expect(isRunning(identity)).toBe(true);
  const temporal = await startTemporal(enginePlaces(process.env, home));
  expect(processesOf(home)).toHaveLength(3); // the guard, the engine and the server
  run.kill(signal);
  await expect.poll(() => exists(home)).toBe(false);
  await expect.poll(() => processesOf(home)).toEqual([]); // the guard removes the home, then ends
  await expect.poll(() => isRunning(identity)).toBe(false);
  await expect(fetch(temporal.ui)).rejects.toThrow('fetch failed');
});
