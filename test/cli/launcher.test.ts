// The launcher: the project's own Node whatever the machine has, from anywhere, and an install when one is due.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './run-pivo.ts';

const run = promisify(execFile);
let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pivo-launcher-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = async (name: string, body: string): Promise<void> => {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), body);
  await chmod(join(folder, name), 0o755);
};

async function nodeOf(path: string, launcher: string): Promise<string> {
  const { stdout } = await run(launcher, ['doctor', '--json'], { env: { PATH: path, PIVO_HOME: join(folder, 'home'), TEMPORAL_ADDRESS: '127.0.0.1:1' }, cwd: '/' });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; found: string }[] };
  return checks.find(({ name }) => name === 'Node')?.found ?? '';
}

describe('./pivo', () => {
  it('runs on the Node that the project brings, although the machine has another one or none', async () => {
    await program('old/node', '#!/bin/sh\necho "the Node of the machine was used" >&2\nexit 99\n');
    const brought = (await run(join(ROOT, 'node_modules/.bin/node'), ['-p', 'process.versions.node'])).stdout.trim();
    expect(await nodeOf(`${join(folder, 'old')}:/usr/bin:/bin`, join(ROOT, 'pivo'))).toBe(brought);
    expect(await nodeOf('/usr/bin:/bin', join(ROOT, 'pivo'))).toBe(brought);
  });

  it('finds the project behind symbolic links, relative ones too', async () => {
    await mkdir(join(folder, 'bin'));
    await symlink(join(ROOT, 'pivo'), join(folder, 'bin/absolute'));
    await symlink('absolute', join(folder, 'bin/pivo'));
    expect((await run(join(folder, 'bin/pivo'), ['--version'], { cwd: '/' })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('installs when node_modules is missing or was made from another lockfile, and only then', async () => {
    const copy = join(folder, 'copy');
    await mkdir(join(copy, 'scripts'), { recursive: true });
    await cp(join(ROOT, 'pivo'), join(copy, 'pivo'));
    await cp(join(ROOT, 'scripts/install.sh'), join(copy, 'scripts/install.sh'));
    await writeFile(join(copy, 'package-lock.json'), '{}');
    const log = join(folder, 'npm.log');
    await program('fake/npm', `#!/bin/sh\necho "$@" >> ${log}\nmkdir -p node_modules/.bin\nprintf '#!/bin/sh\\necho ran\\n' > node_modules/.bin/node\nchmod +x node_modules/.bin/node\n`);
    const launch = (): Promise<{ stdout: string; stderr: string }> => run(join(copy, 'pivo'), [], { env: { PATH: `${join(folder, 'fake')}:/usr/bin:/bin` } });
    const installs = async (): Promise<number> => (await readFile(log, 'utf8')).trim().split('\n').length;

    const first = await launch();
    expect(first).toEqual({ stdout: 'ran\n', stderr: 'pivo: installing dependencies (npm ci) …\n' });
    expect(await readFile(log, 'utf8')).toMatch(/^ci /);
    expect(await launch()).toEqual({ stdout: 'ran\n', stderr: '' });
    expect(await installs()).toBe(1);
    await writeFile(join(copy, 'package-lock.json'), '{ "lockfileVersion": 3 }');
    expect((await launch()).stdout).toBe('ran\n');
    expect(await installs()).toBe(2);
  });

  it('shows what npm said when the install fails', async () => {
    const copy = join(folder, 'broken');
    await mkdir(join(copy, 'scripts'), { recursive: true });
    await cp(join(ROOT, 'pivo'), join(copy, 'pivo'));
    await cp(join(ROOT, 'scripts/install.sh'), join(copy, 'scripts/install.sh'));
    await writeFile(join(copy, 'package-lock.json'), '{}');
    await program('failing/npm', '#!/bin/sh\necho "npm error network" >&2\nexit 1\n');
    await expect(run(join(copy, 'pivo'), [], { env: { PATH: `${join(folder, 'failing')}:/usr/bin:/bin` } })).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/npm error network\nerror: npm ci failed\nhint: /) as string });
  });
});
