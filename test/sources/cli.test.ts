// `pivo source` as a person types it, with PIVO not running.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, pivo, type Ran } from '../cli/run-pivo.ts';

let place: Awaited<ReturnType<typeof makeHome>>;
beforeAll(async () => {
  place = await makeHome();
  await writeFile(join(place.home, 'repositories.txt'), '# ours\nhttps://git.example.com/acme/shop.git shop\n');
  await writeFile(join(place.home, 'wrong.txt'), 'https://me:canary-secret@git.example.com/acme/shop.git\n');
});
afterAll(() => place.remove());

const run = (...args: string[]): Promise<Ran> => pivo(['source', ...args], { home: place.home });

test('a source is added, listed, shown and removed while PIVO is down', async () => {
  expect(await run('list')).toMatchObject({ code: 0, stdout: expect.stringContaining('pivo source add') as string });
  expect(await run('add', 'acme', '--gitlab', 'acme/platform', '--host', 'https://git.example.com', '--exclude', 'sandbox-*', '--exclude', '*.wiki', '--no-archived', '--at-once', '2')).toMatchObject({ code: 0, stdout: expect.stringContaining('pivo source discover acme --dry-run') as string });
  expect((await run('add', 'mine', '--list', 'repositories.txt')).code).toBe(0); // a path from here
  const listed = JSON.parse((await run('list', '--json')).stdout) as object[];
  expect(listed).toMatchObject([
    { name: 'acme', kind: 'gitlab', owner: 'acme/platform', host: 'https://git.example.com', exclude: ['sandbox-*', '*.wiki'], archived: false, forks: false, wikis: true, atOnce: 2, present: 0, discovered: null },
    { name: 'mine', kind: 'list', owner: join(place.home, 'repositories.txt') },
  ]);
  const shown = await run('show', 'acme');
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/Exclude +sandbox-\*, \*\.wiki/) as string });
  expect(await run('remove', 'acme')).toMatchObject({ code: 0, stdout: expect.stringContaining('stays') as string });
  expect(await run('show', 'acme')).toMatchObject({ code: 3, stderr: expect.stringContaining('pivo source list') as string });
});

test('what is wrong is told with a hint, and no secret', async () => {
  expect(await run('add', 'x', '--github', 'a', '--gitlab', 'b')).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: ') as string });
  expect(await run('add', 'x')).toMatchObject({ code: 2 });
  expect(await run('add', 'x', '--github', 'acme', '--credential', 'none')).toMatchObject({ code: 2, stderr: expect.stringContaining('pivo credential add none') as string });
  const secret = await run('add', 'x', '--gitlab', 'acme', '--host', 'https://ada:canary@git.example.com');
  expect(secret).toMatchObject({ code: 2, stderr: expect.stringContaining('host: an address without user, password or query') as string });
  expect(secret.stdout + secret.stderr).not.toContain('canary');
  const wrong = await run('add', 'x', '--list', 'wrong.txt', '--json');
  expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { kind: 'InvalidInput', message: expect.stringContaining('line 1 of') as string } });
  expect(wrong.stdout + wrong.stderr).not.toContain('canary');
});

test('a discovery needs a running PIVO, and says so', async () => {
  await run('add', 'down', '--list', 'repositories.txt');
  expect(await run('discover', 'down', '--dry-run')).toMatchObject({ code: 69, stderr: expect.stringContaining('pivo up') as string });
});

test('the help has examples', async () => {
  for (const command of ['add', 'discover']) expect(await run(command, '--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/Examples?:\n {2}\$ pivo source /) as string });
});
