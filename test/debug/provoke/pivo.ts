// Failures of PIVO's own runs, as its log tells them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGitHttp } from '../../harness/git-http.ts';
import { startPivo, type Pivo } from '../../harness/pivo.ts';
import type { Failure } from './failure.ts';
import { git, origin } from './git.ts';
import { put, type Lab } from './lab.ts';
import { smallDisk } from './spark.ts';

const homes = new Map<Lab, Promise<Pivo>>();

function pivoOf(lab: Lab): Promise<Pivo> {
  const running = homes.get(lab) ?? startPivo(join(lab.folder, 'h'), { PIVO_GIT_PROTOCOLS: 'http,https,ssh,file', PIVO_LOG_LEVEL: 'info' });
  if (!homes.has(lab)) lab.after(async () => (await running).close());
  homes.set(lab, running);
  return running;
}

/** What the log of a home says while something goes on. */
async function logged(pivo: Pivo, during: () => Promise<unknown>): Promise<string> {
  const file = join(pivo.home, 'logs', 'pivo.log');
  const before = (await readFile(file)).length;
  await during();
  return (await readFile(file)).subarray(before).toString();
}

const said = (running: Promise<string>): Promise<string> => running.catch((error: { stderr?: string; message: string }) => error.stderr ?? error.message);

const failure = (name: string, act: (pivo: Pivo, lab: Lab) => Promise<unknown>, prepare?: (pivo: Pivo, lab: Lab) => Promise<unknown>): Failure => ({
  name,
  provoke: async (lab) => {
    const pivo = await pivoOf(lab);
    await prepare?.(pivo, lab);
    return logged(pivo, () => act(pivo, lab));
  },
});

async function backedUp(pivo: Pivo, lab: Lab, name: string): Promise<string> {
  const { bare } = await origin(lab, name);
  await pivo.text('ingest', `file://${bare}`, '--name', name);
  return bare;
}

export const FAILURES: readonly Failure[] = [
  failure('pivo-origin-gone', async (pivo, lab) => {
    const server = await startGitHttp({ root: await lab.fresh() });
    await said(pivo.text('ingest', `${server.url}/team/inventory.git`, '--name', 'inventory'));
    await server.close();
  }),
  failure('pivo-origin-credentials', async (pivo, lab) => {
    const server = await startGitHttp({ root: await lab.fresh(), login: { username: 'x', token: 'y' } });
    await said(pivo.text('ingest', `${server.url}/team/salaries.git`, '--name', 'salaries'));
    await server.close();
  }),
  failure('pivo-origin-unreachable', async (pivo, lab) => said(pivo.text('ingest', `http://127.0.0.1:${await lab.deadPort()}/team/weather.git`, '--name', 'weather'))),
  failure('pivo-target-hook', async (pivo, lab) => {
    const target = join(await lab.fresh(), 'target.git');
    await git(lab, lab.folder, 'init', '-q', '--bare', target);
    await put(join(target, 'hooks', 'pre-receive'), '#!/bin/sh\necho "GH013: repository rule violations: pushes need a signed commit" >&2\nexit 1\n', 0o755);
    await said(pivo.text('restore', 'tickets', '--to', `file://${target}`, '--yes'));
  }, (pivo, lab) => backedUp(pivo, lab, 'tickets')),
  failure('pivo-target-not-empty', async (pivo, lab) => {
    const { bare } = await origin(lab, 'someone-elses');
    await said(pivo.text('restore', 'atlas', '--to', `file://${bare}`, '--yes'));
  }, (pivo, lab) => backedUp(pivo, lab, 'atlas')),
  failure('pivo-pack-damaged', async (pivo, lab) => {
    const [pack = ''] = (await lab.say('find', [join(pivo.home, 'archive'), '-path', '*meters*', '-name', '*.pack'])).trim().split('\n');
    await lab.say('sh', ['-c', 'chmod 644 "$0" && printf x | dd of="$0" bs=1 seek=60 conv=notrunc 2>/dev/null', pack]);
    await said(pivo.text('restore', 'meters', '--to', join(await lab.fresh(), 'meters.git'), '--yes'));
  }, (pivo, lab) => backedUp(pivo, lab, 'meters')),
  {
    name: 'pivo-disk-full',
    provoke: async (lab) => {
      const { bare, work } = await origin(lab, 'maps');
      await lab.say('dd', ['if=/dev/urandom', `of=${join(work, 'tiles.bin')}`, 'bs=1M', 'count=6']);
      await git(lab, work, 'add', '.');
      await git(lab, work, 'commit', '-q', '-m', 'Tiles');
      await git(lab, work, 'push', '-q', 'origin', 'main');
      const pivo = await startPivo(join(lab.folder, 'g'), { PIVO_GIT_PROTOCOLS: 'file', PIVO_LOG_LEVEL: 'info', PIVO_STORE: `file://${join(await smallDisk(lab, '4m'), 'archive')}` });
      try {
        return await logged(pivo, () => said(pivo.text('ingest', `file://${bare}`, '--name', 'maps')));
      } finally {
        await pivo.close();
      }
    },
  },
];
