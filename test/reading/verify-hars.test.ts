// Verification reads checkouts that are Hadoop Archives: each byte of parts and index that changed is found.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { harIndex } from '../../archive/har/format.ts';
import { OWNER, packEntries, partsOf } from '../../archive/har/packing.ts';
import { openStore } from '../../archive/open.ts';
import type { Finding } from '../../archive/reading/findings.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository } from '../../archive/reading/verify.ts';
import { listTree, type ListedEntry } from '../../archive/tree-listing.ts';
import type { Visit } from '../../contract/visit.ts';
import { openCatFile } from '../../git/cat-file.ts';
import { allOf, bytesOf, openBackedUp, type BackedUp } from './backed-up.ts';

const NAMES = ['odd-names', 'sha256', 'force-push'];
let archive: BackedUp;
const hars = new Map<string, string>();

beforeAll(async () => {
  archive = await openBackedUp();
  for (const name of NAMES) {
    await archive.backUp(name);
    hars.set(name, await withHar(name));
  }
});
afterAll(() => archive.cleanUp());

/** Gives visit 1 of a repository a Hadoop Archive for its checkout, as a store on HDFS would have written it; its folder. */
async function withHar(name: string): Promise<string> {
  const repository = join(archive.dir, 'archive', 'backups', name);
  await promisify(execFile)('chmod', ['-R', 'u+w', repository]);
  const visitFile = join(repository, 'visits/1.json');
  const visit = JSON.parse(await readFile(visitFile, 'utf8')) as Visit;
  const commit = visit.checkout.commit ?? '';
  const har = join(repository, `${commit}.har`);
  await mkdir(har);
  const objects = openCatFile(archive.origin(name));
  const { packed } = packEntries((await allOf(listTree(archive.origin(name), commit))).filter(({ kind }: ListedEntry) => kind === 'blob'));
  for (const [part, entries] of partsOf(packed)) {
    const contents: Buffer[] = [];
    for (const { entry } of entries) contents.push((await objects.read(entry.oid))?.content ?? Buffer.alloc(0));
    await writeFile(join(har, part), Buffer.concat(contents));
  }
  await objects.close();
  const { index, masterIndex } = harIndex(packed.map(({ file }) => file), 1_700_000_000_000, OWNER);
  await writeFile(join(har, '_index'), index);
  await writeFile(join(har, '_masterindex'), masterIndex);
  await rm(join(repository, commit), { recursive: true });
  await writeFile(visitFile, JSON.stringify({ ...visit, checkout: { ...visit.checkout, kind: 'har', path: `${commit}.har` } }));
  return har;
}

async function findings(name: string): Promise<Finding[]> {
  const store = openStore(archive.deps.store.url);
  const library = openLibrary({ store, cache: join(archive.dir, 'verify-cache') });
  try {
    return (await verifyRepository(store, library, name, { signal: new AbortController().signal, onProgress: () => {} })).findings;
  } finally {
    await library.close();
  }
}

/** The path of a file of a repository's archive, which is as it was again when the test is over. */
async function damageable(name: string, file: string): Promise<string> {
  const path = join(hars.get(name) ?? '', file);
  const before = await readFile(path);
  onTestFinished(async () => writeFile(path, before));
  await chmod(path, 0o644);
  return path;
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test.each(NAMES)('an archive as it was written verifies: %s', async (name) => {
  expect(await findings(name)).toEqual([]);
});

describe('one changed byte', () => {
  test('of a part is told with the file of the tree, its blob and its place', async () => {
    const path = await damageable('odd-names', 'part-0');
    const entries = (await readFile(join(hars.get('odd-names') ?? '', '_index'), 'latin1')).split('\n').filter((line) => line.includes(' file part-0 '));
    const [stored = '', , , offset, bytes] = entries.find((line) => Number(line.split(' ')[4]) > 0)?.split(' ') ?? [];
    await flip(path, Number(offset) + Number(bytes) - 1);
    const found = await findings('odd-names');
    expect(found).toHaveLength(1);
    expect(found[0]?.file).toMatch(/^backups\/odd-names\/[0-9a-f]{40}\.har\/part-0$/);
    expect(found[0]?.problem).toContain(`its bytes ${offset} to ${Number(offset) + Number(bytes)} are not ${JSON.stringify(decodeURIComponent(stored.replaceAll('+', ' ')).slice(1))}, blob `);
    expect(found[0]?.visits).toEqual([1]);
  });

  test.each(['part-0', '_index', '_masterindex'])('is found wherever it is in %s', async (file) => {
    const path = await damageable('sha256', file);
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at += Math.max(1, Math.floor(whole.length / 25))) {
      await writeFile(path, whole);
      await flip(path, at);
      expect((await findings('sha256')).map((each) => each.file.split('/').at(-1)), `byte ${at}`).toEqual([file]);
    }
  });

  test('of the index is told with its offset', async () => {
    await flip(await damageable('force-push', '_index'), 3);
    expect((await findings('force-push')).map(({ problem }) => problem)).toEqual([expect.stringMatching(/first at byte 3, in the line of "\//)]);
  });
});

describe('a file of an archive', () => {
  test.each(['part-0', '_index', '_masterindex'])('that is cut short is found: %s', async (file) => {
    const path = await damageable('force-push', file);
    await truncate(path, (await readFile(path)).length - 2);
    expect((await findings('force-push')).map((each) => each.file.split('/').at(-1))).toEqual([file]);
  });

  test.each(['part-0', '_index', '_masterindex'])('that is gone is found: %s', async (file) => {
    await rm(await damageable('force-push', file));
    expect((await findings('force-push')).map((each) => [each.file.split('/').at(-1), each.problem])).toEqual([[file, 'it is not there']]);
  });

  test('has more bytes than it had', async () => {
    const path = await damageable('force-push', 'part-0');
    const { length } = await readFile(path);
    await writeFile(path, 'more', { flag: 'a' });
    expect((await findings('force-push')).map(({ problem }) => problem)).toEqual([`${length + 4} bytes, ${length} were archived`]);
  });
});

test('a tree whose pack is damaged is not walked: the pack is the finding', async () => {
  const packs = join(archive.dir, 'archive/backups/force-push/objects/pack');
  const pack = join(packs, (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? '');
  const before = await readFile(pack);
  onTestFinished(async () => writeFile(pack, before));
  await flip(pack, 40);
  expect((await findings('force-push')).map(({ file }) => file.split('/').at(-1))).toEqual([pack.split('/').at(-1)]);
  expect((await bytesOf(archive.deps.store.open(`backups/force-push/visits/1.json`))).length).toBeGreaterThan(0);
});
