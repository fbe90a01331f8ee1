// Sources that are plain files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListedRepository } from '../../contract/source.ts';
import { checkUrl } from '../../git/url.ts';
import { readList } from '../../sources/list.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-list-'));
});
afterAll(() => rm(dir, { recursive: true }));

const check = (url: string): string => checkUrl(url, ['https', 'ssh']).url;
const read = (file: string, signal = new AbortController().signal): Promise<ListedRepository[]> => readList(file, { check, signal });

async function listOf(text: string): Promise<ListedRepository[]> {
  const file = join(dir, 'list.txt');
  await writeFile(file, text);
  return read(file);
}

test('each line is a URL and, if one likes, a name; comments and empty lines are none', async () => {
  const found = await listOf('\uFEFF# ours\nhttps://git.example.com/acme/shop.git\n\n  git@far.example.com:acme/web.git   web  # the old one\r\nhttps://git.example.com/a#b\nhttps://git.example.com/acme/shop.git\n');
  expect(found.map(({ id, path, name }) => [id, path, name])).toEqual([
    ['https://git.example.com/acme/shop.git', 'acme/shop', null],
    ['git@far.example.com:acme/web.git', 'acme/web', 'web'],
    ['https://git.example.com/a#b', 'a', null],
  ]);
});

describe('a line that is wrong is named by its number, never by its text', () => {
  test.each([
    ['a password', 'https://me:canary@git.example.com/a', 'the URL holds a password'],
    ['a transport that is not spoken', 'http://git.example.com/a', 'http'],
    ['a name that cannot be one', 'https://git.example.com/a -x', 'a name has 1 to 100 letters'],
    ['too much', 'https://git.example.com/a b c', 'more than a URL and a name'],
  ])('%s', async (_, line, what) => {
    const failure = await listOf(`# first\n${line}\n`).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('line 2 of') as string });
    expect((failure as Error).message).toContain(what);
    expect((failure as Error).message).not.toContain('canary');
  });

  test('a name twice', async () => {
    await expect(listOf('https://git.example.com/a x\nhttps://git.example.com/b X\n')).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining("line 1's already") as string });
  });
});

test('a list that is not there is NotFound, and a folder is no list', async () => {
  await expect(read(join(dir, 'none.txt'))).rejects.toMatchObject({ kind: 'NotFound' });
  await expect(read(dir)).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('EISDIR') as string });
});

test('a list without an end is left', async () => {
  await expect(read('/dev/zero')).rejects.toMatchObject({ kind: 'LimitExceeded' });
});

test('more repositories than a list may have are refused', async () => {
  await expect(listOf(Array.from({ length: 100_002 }, (_, at) => `https://git.example.com/acme/r${at}\n`).join(''))).rejects.toMatchObject({ kind: 'LimitExceeded' });
});
