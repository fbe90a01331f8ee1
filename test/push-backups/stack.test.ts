// From a push to a visit, through a running PIVO: the server takes the webhook, the gate stores it, the worker backs up.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PushesView } from '../../contract/push.ts';
import { git } from '../../git/process.ts';
import { linearHistory } from '../fixtures/generate.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { send, type Answer } from '../server/served.ts';
import { SECRET, fromGitea, fromGithub, hubPush } from '../webhooks/deliveries.ts';

let dir: string;
let pivo: Pivo;
let url: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pv-'));
  const home = join(dir, 'h');
  await mkdir(home);
  await writeFile(join(dir, 'secret'), `${SECRET}\n`, { mode: 0o600 });
  await writeFile(join(home, 'config.toml'), `[push]\nevery = 1\n\n[[webhooks]]\nname = "forge"\nforge = "gitea"\nsecretFile = "${join(dir, 'secret')}"\norigins = ["${join(dir, 'forge')}/"]\n\n[[webhooks]]\nname = "other"\nforge = "github"\nsecretEnv = "TEST_WEBHOOK_SECRET"\n`);
  pivo = await startPivo(home, { PIVO_LISTEN: '127.0.0.1:0', TEST_WEBHOOK_SECRET: SECRET });
  ({ url } = await pivo.json<{ url: string }>('console'));
}, 120_000);

afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true });
});

const place = (name: string): string => join(dir, 'forge', `${name}.git`);

async function origin(name: string, commits: number): Promise<void> {
  await mkdir(join(dir, 'forge', name, '..'), { recursive: true });
  await linearHistory(place(name), { commits, files: 2, seed: 1 });
}

/** A new branch on an origin. */
const branch = (name: string, ref: string): Promise<unknown> => git(['branch', ref, 'HEAD'], { gitDir: place(name) });

const push = (name: string): Promise<Answer> => {
  const { headers, body } = fromGitea(hubPush(name, pathToFileURL(place(name)).href));
  return send(`${url}/api/v1/webhooks/forge`, { method: 'POST', headers, body });
};

const pushes = (): Promise<PushesView> => pivo.json<PushesView>('pushes');
const visitsOf = (name: string): Promise<number> => pivo.json<{ visits: unknown[] }>('visits', name).then(({ visits }) => visits.length, () => 0);

/** Whether the last visit of a repository has a branch. */
const has = async (name: string, ref: string): Promise<boolean> => (await send(`${url}/api/v1/repositories/${name}/refs?limit=1000`)).text.includes(`refs/heads/${ref}"`);

describe('a push', () => {
  it('to a repository below the prefixes of its webhook begins its backups', async () => {
    await origin('ada/tool', 3);
    expect((await push('ada/tool')).status).toBe(202);
    await expect.poll(() => visitsOf('tool'), { timeout: 60_000, interval: 500 }).toBe(1);
    await expect.poll(() => pushes().then(({ done }) => done)).toMatchObject([{ repository: 'tool', visit: 1, pushes: 1 }]);
    expect(await pivo.text('pushes')).toMatch(/0 wait, 0 run, 0 failed[\s\S]*tool/);
  });

  it('to a known repository backs up what was pushed', async () => {
    await branch('ada/tool', 'pushed');
    expect((await push('ada/tool')).status).toBe(202);
    await expect.poll(() => visitsOf('tool'), { timeout: 60_000, interval: 500 }).toBe(2);
    expect(await has('tool', 'pushed')).toBe(true);
  });

  it('of another owner with the same name is a repository of its own', async () => {
    await origin('bob/tool', 2);
    await push('bob/tool');
    await expect.poll(() => pushes().then(({ done }) => done.map(({ repository }) => repository)), { timeout: 60_000, interval: 500 }).toContainEqual(expect.stringMatching(/\.bob\.tool$/));
  });

  it('by a webhook that may make nothing known is ignored, and seen', async () => {
    const other = fromGithub(hubPush('eve/thing', 'https://forge.example/eve/thing.git'));
    expect((await send(`${url}/api/v1/webhooks/other`, { method: 'POST', ...other })).status).toBe(202);
    await expect.poll(() => pushes().then(({ ignored }) => ignored), { timeout: 60_000, interval: 500 }).toMatchObject([{ source: 'other', repository: 'eve/thing', count: 1 }]);
  });

  it('of many repositories at once is backed up for each, also when the worker is killed meanwhile', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `owner-${at % 3}/many-${at}`);
    await Promise.all(names.map((name) => origin(name, 2)));
    for (const name of names) expect((await push(name)).status).toBe(202);
    process.kill(await pivo.workerPid(), 'SIGKILL');
    for (const name of names) {
      await branch(name, 'later');
      expect((await push(name)).status).toBe(202);
    }
    for (const name of names) await expect.poll(() => has(name.split('/')[1] ?? '', 'later'), { timeout: 90_000, interval: 1_000 }).toBe(true);
    expect(await pushes()).toMatchObject({ waiting: 0, failed: 0 });
  });

  it('leaves its secret nowhere in the home', async () => {
    const files = (await readdir(pivo.home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) expect((await readFile(join(parentPath, name))).includes(SECRET), join(parentPath, name)).toBe(false);
  });
});
