// The console as it is built: small, and complete without anything from elsewhere.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { consoleFolder } from '../../apps/console/build.ts';

const MOST_BYTES = 100_000;
let parent: string;
let folder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pivo-console-'));
  folder = await consoleFolder([parent]);
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** A script and all that it imports at once, then the pieces of the overview that come after it. */
async function scripts(name: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(name)) return found;
  found.add(name);
  const text = await readFile(join(folder, 'assets', name), 'utf8');
  for (const [, next = ''] of text.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) await scripts(next, found);
  return found;
}

it('the overview with its charts is under 100 KB of compressed script', async () => {
  const index = await readFile(join(folder, 'index.html'), 'utf8');
  const files = await readdir(join(folder, 'assets'));
  const first = [...index.matchAll(/assets\/([^"]+\.js)/g)].map(([, name = '']) => name);
  const later = files.filter((name) => /^(overview|chart)-.*\.js$/.test(name));
  expect(later).toHaveLength(2);
  const needed = new Set<string>();
  for (const name of [...first, ...later]) await scripts(name, needed);
  let bytes = 0;
  for (const name of needed) bytes += gzipSync(await readFile(join(folder, 'assets', name))).length;
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

it('the page has no script or style of its own and asks no other host', async () => {
  const index = await readFile(join(folder, 'index.html'), 'utf8');
  expect(index).not.toMatch(/<script(?![^>]*\bsrc="\/)/);
  expect(index).not.toMatch(/<style|style="|\bon[a-z]+="/);
  expect([...index.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, address = '']) => address.startsWith('/') && !address.startsWith('//'))).toBe(true);
  for (const name of await readdir(join(folder, 'assets'))) if (name.endsWith('.css')) expect(await readFile(join(folder, 'assets', name), 'utf8')).not.toMatch(/@import|url\(\s*["']?(?:https?:|\/\/)/);
});

it('is built once for a state of its sources', async () => {
  expect(await consoleFolder([join(parent, 'another'), parent])).toBe(folder);
  expect(await readdir(parent)).toHaveLength(1);
});
