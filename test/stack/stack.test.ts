// The embedded stack through `./pivo`: up, status, down, and what happens when its processes are killed.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRunning, waitForEnd, type ProcessIdentity } from '../../processes/identity.ts';
import { readRecord, type PartName, type StackRecord } from '../../stack/record.ts';
import type { StackStatus } from '../../stack/status.ts';
import { makeHome, pivo, type Ran } from '../cli/run-pivo.ts';

let home = '';
let remove: () => Promise<void>;
beforeAll(async () => ({ home, remove } = await makeHome()));
afterAll(async () => {
  await pivo(['down'], { home });
  await remove();
});

const run = (...args: string[]): Promise<Ran> => pivo(args, { home });
const record = (): StackRecord => readRecord(`${home}/run`) as StackRecord;
const processOf = (name: PartName): ProcessIdentity => record().parts[name]?.process as ProcessIdentity;
const allProcesses = (): ProcessIdentity[] => [record().supervisor as ProcessIdentity, ...(['temporal', 'worker', 'metadata', 'server'] as const).map(processOf)];
const status = async (): Promise<StackStatus> => JSON.parse((await run('status', '--json')).stdout) as StackStatus;

async function startedAgain(name: PartName, before: ProcessIdentity): Promise<void> {
  await vi.waitFor(() => {
    const part = record().parts[name];
    expect(part?.state).toBe('ready');
    expect(part?.process?.pid).not.toBe(before.pid);
  }, { timeout: 60_000, interval: 100 });
}

describe('the embedded stack', () => {
  it('is down, and says so with exit code 0, where nothing was started', async () => {
    expect(await status()).toMatchObject({ state: 'down', temporal: { state: 'stopped', address: null }, worker: { state: 'stopped' } });
    expect(await run('down')).toMatchObject({ code: 0, stdout: expect.stringContaining('was not running') as string });
  });

  it('is ready as a whole when `up --detach` returns', async () => {
    const up = await run('up', '--detach');
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toMatch(/PIVO is up .*\n.*Home .*\n.*Console .*http:\/\/127\.0\.0\.1:\d+\/#token=.*\n.*Temporal .*127\.0\.0\.1:\d+\n.*Temporal UI .*http:\/\/127\.0\.0\.1:\d+/);
    const found = await status();
    for (const part of [found.temporal, found.worker, found.metadata, found.server]) expect(part.state).toBe('ready');
    expect(found.state).toBe('ready');
    expect((await fetch(found.temporal.ui as string)).status).toBe(200);
  });

  it('stays as it is at a second `up --detach`, and refuses a second one in the foreground', async () => {
    const before = allProcesses();
    expect(await run('up', '--detach')).toMatchObject({ code: 0, stdout: expect.stringContaining('up already') as string });
    const foreground = await run('up');
    expect(foreground).toMatchObject({ code: 6, stderr: expect.stringMatching(/error: PIVO already runs .*\nhint: .*pivo down/) as string });
    expect(allProcesses()).toEqual(before);
  });

  it('passes `pivo temporal` on, with the address, output and exit code as they are', async () => {
    expect(await run('temporal', 'operator', 'namespace', 'describe', '-n', 'default')).toMatchObject({ code: 0, stdout: expect.stringContaining('default') as string });
    const failed = await run('temporal', 'workflow', 'describe', '--workflow-id', 'none');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('not found');
  });

  it.each(['worker', 'metadata', 'server', 'temporal'] as const)('starts the %s again after a SIGKILL', async (name) => {
    const before = processOf(name);
    process.kill(before.pid, 'SIGKILL');
    await startedAgain(name, before);
    expect((await status())[name]).toMatchObject({ state: 'ready', restarts: 1, lastExit: expect.any(String) as string });
  });

  it('ends every process of a killed supervisor: Node parts at once, Temporal at the next start, which keeps its addresses', async () => {
    const { temporal, ports } = record();
    const [supervisor, server, ...parts] = allProcesses();
    process.kill((supervisor as ProcessIdentity).pid, 'SIGKILL');
    for (const part of parts) expect(await waitForEnd([part], 30_000)).toBe(true);
    expect(isRunning(server as ProcessIdentity)).toBe(true);
    const doctor = JSON.parse((await run('doctor', '--json')).stdout) as { checks: { name: string; state: string }[] };
    expect(doctor.checks.find(({ name }) => name === 'Orphans')?.state).toBe('warning');
    expect((await run('up', '--detach')).code).toBe(0);
    expect(isRunning(server as ProcessIdentity)).toBe(false);
    expect(record()).toMatchObject({ state: 'ready', temporal, ports });
  });

  it('finds everything in order when asked with `doctor`', async () => {
    const doctor = await run('doctor', '--json');
    const { healthy, checks } = JSON.parse(doctor.stdout) as { healthy: boolean; checks: { name: string; state: string }[] };
    expect(checks.filter(({ state }) => state === 'wrong')).toEqual([]);
    expect({ healthy, code: doctor.code }).toEqual({ healthy: true, code: 0 });
  });

  it('ends every process with `down`, in order and without a warning', async () => {
    const before = allProcesses();
    expect(await run('down')).toMatchObject({ code: 0, stdout: expect.stringContaining('PIVO has ended') as string });
    expect(before.filter((each) => isRunning(each))).toEqual([]);
    expect(record()).toMatchObject({ state: 'down', supervisor: null, parts: {} });
    const last = readFileSync(`${home}/logs/pivo.log`, 'utf8').trim().split('\n').slice(-8);
    expect(last.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
  });

  it('runs in the foreground until Ctrl-C, shows each part, and leaves nothing behind', async () => {
    const ran = await pivo(['up'], {
      home,
      onStart: (child) => child.stdout?.on('data', (text: string) => {
        if (text.includes('PIVO is up')) child.kill('SIGINT');
      }),
    });
    expect(ran.code).toBe(0);
    const lines = ran.stdout.trim().split('\n').map((line) => JSON.parse(line) as { component: string; msg: string });
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['temporal is ready', 'worker is ready', 'metadata is ready', 'server is ready', 'PIVO has ended']));
    expect(record()).toMatchObject({ state: 'down', parts: {} });
  });

  it('refuses a home whose sockets would have too long a path, before anything is started', async () => {
    const ran = await pivo(['up', '--detach', '--json'], { home: `${home}/${'long'.repeat(30)}`, cwd: '/' });
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { kind: 'InvalidInput', message: expect.stringContaining('too long') as string } });
  });
});
