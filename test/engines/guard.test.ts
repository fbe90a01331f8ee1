// The engines that a test run shares end with it, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { enginePlaces, startTemporal } from '../../engines/index.ts';
import { exists } from '../../engines/files.ts';
import { processesOf } from './processes-of.ts';

const STARTER = `
  import('${join(import.meta.dirname, '../harness/engines-of-run.ts')}').then(async ({ default: setUp }) => {
    await setUp({ provide: (_, home) => process.stdout.write(home) });
    setInterval(() => {}, 1000);
  });
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pivo-guard-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(['SIGINT', 'SIGKILL'] as const)('a run that ends by %s leaves no engine and no home', async (signal) => {
  const run = spawn(process.execPath, ['--input-type=module', '--eval', STARTER], { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [home] = (await once(run.stdout.setEncoding('utf8'), 'data')) as [string];
  const temporal = await startTemporal(enginePlaces(process.env, home));
  expect(processesOf(home)).toHaveLength(2); // the guard and the engine
  run.kill(signal);
  await expect.poll(() => exists(home)).toBe(false);
  await expect.poll(() => processesOf(home)).toEqual([]); // the guard removes the home, then ends
  await expect(fetch(temporal.ui)).rejects.toThrow('fetch failed');
});
