// Verification finds every kind of damage to every kind of file, and says which visits need it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../archive/open.ts';
import type { RepositoryVerdict } from '../../archive/reading/findings.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { verifyRepository } from '../../archive/reading/verify.ts';
import { CHUNK_BYTES, type Visit } from '../../contract/visit.ts';
import { gitText } from '../../git/process.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import { openBackedUp, type BackedUp } from './backed-up.ts';

let archive: BackedUp;
beforeAll(async () => {
  archive = await openBackedUp();
  await archive.backUp('force-push', { evolve: true });
  await archive.ingest(archive.origin('force-push'), 'force-push');
});
afterAll(() => archive.cleanUp());

const run = promisify(execFile);

async function verified(root: string, repository = 'force-push', progress: string[] = []): Promise<RepositoryVerdict> {
  const store = openStore(pathToFileURL(root).href);
  const library = openLibrary({ store, cache: join(archive.dir, 'verify-cache') });
  try {
    return await verifyRepository(store, library, repository, { signal: new AbortController().signal, onProgress: ({ phase }) => progress.push(phase) });
  } finally {
    await library.close();
  }
}

/** A copy of the archive that may be damaged. */
async function copied(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pivo-damage-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await run('cp', ['-r', join(archive.dir, 'archive'), dir]);
  await run('chmod', ['-R', 'u+w', dir]);
  return join(dir, 'archive');
}

describe('an archive as it was written', () => {
  test('verifies, and every file is read once', async () => {
    const progress: string[] = [];
    const verdict = await verified(join(archive.dir, 'archive'), 'force-push', progress);
    expect(verdict).toMatchObject({ repository: 'force-push', ok: true, visits: 3, snapshots: 2, packs: 2, findings: [] });
    const packs = join(archive.dir, 'archive', 'backups', 'force-push', 'objects', 'pack');
    const sizes = await Promise.all((await readdir(packs)).map(async (name) => (await stat(join(packs, name))).size));
    const checkouts = verdict.files.filter(({ kind }) => kind === 'checkout').reduce((sum, { bytes }) => sum + bytes, 0);
    expect(verdict.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0) + checkouts);
    expect(new Set(progress)).toEqual(new Set(['checking visits of force-push', 'checking packs of force-push', 'walking the objects of force-push', 'checking checkouts of force-push']));
  });

  test('of no repository is NotFound', async () => {
    await expect(verified(join(archive.dir, 'archive'), 'unknown')).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

const DAMAGE: Record<string, (file: string) => Promise<void>> = {
  deleted: (file) => rm(file),
  truncated: async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  corrupted: async (file) => {
    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
  },
};

interface Damaged {
  kind: string;
  /** Path below the repository. */
  file: (visits: Visit[]) => string;
  visits: number[];
}

const FILES: Damaged[] = [
  { kind: 'the first pack', file: ([first]) => `objects/pack/${first?.packs[0]?.name}.pack`, visits: [1, 2, 3] },
  { kind: 'the last pack', file: ([, , last]) => `objects/pack/${last?.packs.at(-1)?.name}.pack`, visits: [2, 3] },
  { kind: 'an index', file: ([first]) => `objects/pack/${first?.packs[0]?.name}.idx`, visits: [1, 2, 3] },
  { kind: 'a snapshot', file: ([first]) => `${first?.snapshotPath}/snapshot.json`, visits: [1] },
  { kind: 'packed-refs', file: ([, second]) => `${second?.snapshotPath}/packed-refs`, visits: [2, 3] },
  { kind: 'HEAD', file: ([first]) => `${first?.snapshotPath}/HEAD`, visits: [1] },
  { kind: 'the alternates', file: ([first]) => `${first?.snapshotPath}/objects/info/alternates`, visits: [1] },
  { kind: 'the first visit', file: () => 'visits/1.json', visits: [1] },
  { kind: 'the visit before the last', file: () => 'visits/2.json', visits: [2] },
];

describe.each(FILES)('$kind', ({ file, visits }) => {
  test.each(Object.keys(DAMAGE))('that was %s is found, with the visits that need it', async (damage) => {
    const root = await copied();
    const path = `backups/force-push/${file(await Promise.all([1, 2, 3].map(async (seq) => JSON.parse(await readFile(join(root, `backups/force-push/visits/${seq}.json`), 'utf8')) as Visit)))}`;
    await DAMAGE[damage]?.(join(root, path));
    const verdict = await verified(root);
    expect(verdict.ok).toBe(false);
    expect(verdict.findings).toContainEqual(expect.objectContaining({ file: path, problem: expect.any(String) as string, hint: expect.any(String) as string, visits }));
  });
});

test('a visit that was rewritten is told by the one after it', async () => {
  const root = await copied();
  const file = join(root, 'backups/force-push/visits/2.json');
  const visit = JSON.parse(await readFile(file, 'utf8')) as Visit;
  await writeFile(file, JSON.stringify({ ...visit, origin: '/somewhere/else' }));
  expect((await verified(root)).findings).toMatchObject([{ file: 'backups/force-push/visits/2.json', problem: expect.stringContaining('it was changed') as string, visits: [2] }]);
});

test('a ref that was slipped into a snapshot changes its id', async () => {
  const root = await copied();
  const folder = join(root, 'backups/force-push/snapshots');
  const file = join(folder, (await readdir(folder))[0] ?? '', 'snapshot.json');
  const snapshot = JSON.parse(await readFile(file, 'utf8')) as { refs: { name: string }[] };
  await writeFile(file, JSON.stringify({ ...snapshot, refs: [...snapshot.refs, { ...snapshot.refs[0], name: 'refs/tags/slipped-in' }] }));
  const { findings } = await verified(root);
  expect(findings.map(({ problem }) => problem)).toEqual([expect.stringMatching(/its refs and HEAD make swh:1:snp:/), 'it does not say what snapshot.json says'].map((each) => each as string));
});

test('a visit whose packs lack what its refs reach is found, also when every file is whole', async () => {
  const root = await copied();
  const file = join(root, 'backups/force-push/visits/3.json');
  const visit = JSON.parse(await readFile(file, 'utf8')) as Visit;
  await writeFile(file, JSON.stringify({ ...visit, packs: visit.packs.slice(1) }));
  expect((await verified(root)).findings).toMatchObject([{ file: 'backups/force-push/visits/3.json', problem: expect.stringContaining('its packs lack') as string, visits: [3] }]);
});

test('a pack whose bytes and visit agree but whose object ids do not is found by git', async () => {
  const root = await copied();
  const path = join(root, 'backups/force-push/visits/1.json');
  const visit = JSON.parse(await readFile(path, 'utf8')) as Visit;
  const [pack] = visit.packs;
  const file = join(root, `backups/force-push/objects/pack/${pack?.name}.pack`);
  await DAMAGE['corrupted']?.(file);
  const sha256 = createHash('sha256').update(await readFile(file)).digest('hex');
  for (const seq of [1, 2, 3]) {
    const each = join(root, `backups/force-push/visits/${seq}.json`);
    const known = JSON.parse(await readFile(each, 'utf8')) as Visit;
    for (const proof of known.packs) if (proof.name === pack?.name) Object.assign(proof.pack, { sha256, chunks: [sha256] });
    await writeFile(each, JSON.stringify(known));
  }
  expect((await verified(root)).findings).toContainEqual(expect.objectContaining({ file: `backups/force-push/objects/pack/${pack?.name}.pack`, problem: expect.stringContaining('index-pack') as string }));
});

test('damage in a large pack is told with its offset', async () => {
  const origin = archive.origin('large');
  await bigBlobs(origin, { count: 1, bytes: 3 * CHUNK_BYTES });
  await archive.ingest(origin, 'large');
  const packs = join(archive.dir, 'archive', 'backups', 'large', 'objects', 'pack');
  const file = join(packs, (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? '');
  await chmod(file, 0o644);
  await chmod(dirname(file), 0o755);
  await DAMAGE['corrupted']?.(file);
  const { findings } = await verified(join(archive.dir, 'archive'), 'large');
  expect(findings.map(({ problem }) => problem)).toEqual([`its bytes are not those that were archived, first at bytes ${CHUNK_BYTES} to ${2 * CHUNK_BYTES}`]);
});

test.each(['refs-at-anything', 'malformed', 'detached-head', 'empty-repository', 'latin1-ref-names', 'colliding-refs', 'replaced-history', 'sha256'])('%s verifies, also after it changed', async (name) => {
  await archive.backUp(name, { evolve: true });
  expect((await verified(join(archive.dir, 'archive'), name)).findings).toEqual([]);
});

test('a shallow origin verifies as far as it goes, and when it became whole', async () => {
  const [whole, origin] = [archive.origin('whole'), archive.origin('shallow')];
  await linearHistory(whole, { commits: 20, files: 2, seed: 8 });
  await gitText(['clone', '--quiet', '--bare', '--depth=3', `file://${whole}`, origin], { protocols: ['file'] });
  await archive.ingest(origin, 'shallow');
  await gitText(['fetch', '--quiet', '--unshallow', `file://${whole}`], { gitDir: origin, protocols: ['file'] });
  await archive.ingest(origin, 'shallow');
  expect(await verified(join(archive.dir, 'archive'), 'shallow')).toMatchObject({ ok: true, visits: 2, snapshots: 2 });
});
