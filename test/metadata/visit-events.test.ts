// The events of a visit, compared with what stock git says of the archived repository.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectsPath } from '../../archive/layout.ts';
import { parseSignature } from '../../archive/commit-log.ts';
import { eventsOfVisit, subjectAndBody } from '../../archive/visit-events.ts';
import { readVisit } from '../../archive/visits.ts';
import { PivoEvent, type CommitEvent, type SnapshotEvent } from '../../contract/events.ts';
import { git, gitText } from '../../git/process.ts';
import { quotePath } from '../../git/quote.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { FIXTURES, fixture } from '../fixtures/generate.ts';
import { initBare, setRefs, writeCommit, writeTree } from '../fixtures/plumbing.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';

const run = promisify(execFile);

interface VisitEvents {
  commits: CommitEvent[];
  snapshots: SnapshotEvent[];
}

describe('the events of a visit', () => {
  let dir = '';
  let harness: IngestHarness;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-visit-events-'));
    harness = await openIngest(join(dir, 'home'));
  });
  afterAll(async () => {
    await harness.close();
    await run('chmod', ['-R', 'u+w', dir]);
    await rm(dir, { recursive: true });
  });

  const eventsOf = async (repository: string, seq: number): Promise<VisitEvents> => {
    const { store } = harness.deps;
    const visit = await readVisit(store, repository, seq);
    const previous = seq === 1 ? null : await readVisit(store, repository, seq - 1);
    const found: VisitEvents = { commits: [], snapshots: [] };
    for await (const event of eventsOfVisit({ store, repository, visit, previous, objectDirectory: store.localPath(objectsPath(repository)) ?? '' })) {
      expect(PivoEvent.parse(event)).toEqual(event);
      if (event.type === 'COMMIT') {
        expect(found.snapshots).toEqual([]);
        found.commits.push(event);
      } else found.snapshots.push(event);
    }
    return found;
  };

  const reachable = async (gitDir: string): Promise<string[]> => {
    const head = await gitText(['rev-parse', '-q', '--verify', 'HEAD'], { gitDir }).catch(() => '');
    return (await gitText(['rev-list', '--all', ...(head === '' ? [] : ['HEAD'])], { gitDir })).split('\n').filter((line) => line !== '').sort();
  };

  const hashes = (events: VisitEvents): string[] => [...new Set(events.commits.map((event) => event.hash))].sort();

  /** Changes as plumbing lists them, commit by commit. */
  const changesOf = async (gitDir: string, hash: string): Promise<[string, string][]> => {
    const { stdout } = await git(['diff-tree', '-r', '-z', '--root', '--no-renames', '--no-commit-id', '--name-status', hash], { gitDir });
    const tokens = stdout.toString('latin1').split('\0').slice(0, -1);
    return Array.from({ length: tokens.length / 2 }, (_, at) => [tokens[at * 2] ?? '', quotePath(Buffer.from(tokens[at * 2 + 1] ?? '', 'latin1'))]);
  };

  for (const { name, build, evolve } of FIXTURES.filter((each) => each.name !== 'big-blob')) {
    it(`of ${name} tell each commit once, parents first, with the paths that git lists`, async () => {
      const origin = join(dir, name);
      await build(origin);
      await harness.ingest(origin, name);
      const gitDir = await harness.snapshotOf(name, 1);
      const first = await eventsOf(name, 1);
      expect(hashes(first)).toEqual(await reachable(gitDir));
      const seen = new Set<string>();
      for (const { hash, parents } of first.commits) {
        for (const parent of parents) expect(seen).toContain(parent);
        seen.add(hash);
      }
      for (const event of first.commits.slice(0, 20).filter(({ parts, parents }) => parts === 1 && parents.length < 2)) expect(event.changes).toEqual(await changesOf(gitDir, event.hash));
      expect(await eventsOf(name, 1)).toEqual(first);
      const last = first.snapshots.at(-1);
      expect(first.snapshots.flatMap((event) => event.refs)).toHaveLength(last?.refCount ?? -1);
      if (evolve === undefined) return;
      await evolve(origin);
      await harness.ingest(origin, name);
      const added = await reachable(await harness.snapshotOf(name, 2));
      const before = new Set(hashes(first));
      expect(hashes(await eventsOf(name, 2))).toEqual(added.filter((hash) => !before.has(hash)));
      expect(await eventsOf(name, 1)).toEqual(first);
    });
  }

  it('of an unchanged origin are one snapshot without refs', async () => {
    const origin = join(dir, 'unchanged-origin');
    await fixture('octopus').build(origin);
    await harness.ingest(origin, 'unchanged');
    await harness.ingest(origin, 'unchanged');
    const { commits, snapshots } = await eventsOf('unchanged', 2);
    expect(commits).toEqual([]);
    expect(snapshots).toHaveLength(1);
    expect(snapshots[0]).toMatchObject({ outcome: 'unchanged', refs: [], parts: 1 });
    expect(snapshots[0]?.refCount).toBeGreaterThan(0);
  });

  it('of a commit with 12,000 paths come in parts that name each path once', async () => {
    const origin = join(dir, 'wide');
    await initBare(origin);
    await importCommits(origin, [{ ref: 'refs/heads/main', mark: 1, files: Array.from({ length: 12_000 }, (_, at) => ({ path: `f/${at}`, content: '' })) }]);
    await harness.ingest(origin, 'wide');
    const { commits } = await eventsOf('wide', 1);
    expect(commits.map(({ part, parts }) => [part, parts])).toEqual([[0, 3], [1, 3], [2, 3]]);
    expect(new Set(commits.map((event) => event.id)).size).toBe(3);
    expect(new Set(commits.flatMap((event) => event.changes.map(([, path]) => path))).size).toBe(12_000);
  });

  it('keep messages, names and dates as they were written', async () => {
    const origin = join(dir, 'texts');
    await initBare(origin);
    const tree = await writeTree(origin, []);
    const message = Buffer.from('\u0001first line\nsecond\tline\n \n  body :100644 \n\n:100644 100644 a b M\ncommit 1234\n\n', 'utf8').toString();
    const parent = await writeCommit(origin, { tree, message, author: 'Ada <a> <ada@example.org> -86400 -0330', committer: 'no mail at all' });
    const last = await writeCommit(origin, { tree, parents: [parent], message: `${'é'.repeat(100_000)}\n`, committer: 'C <c@example.org> 99999999999999999999 +0000' });
    await setRefs(origin, [['refs/heads/main', last]]);
    await harness.ingest(origin, 'texts');
    const { commits } = await eventsOf('texts', 1);
    expect(commits[0]).toMatchObject({
      subject: '\u0001first line second\tline',
      body: '  body :100644\n\n:100644 100644 a b M\ncommit 1234',
      author: { name: 'Ada', email: 'a> <ada@example.org', time: -86400, zone: '-0330' },
      committer: { name: 'no mail at all', email: '', time: null, zone: '' },
      changes: [],
    });
    expect(commits[1]?.subject).toBe('é'.repeat(32_768));
    expect(commits[1]?.committer).toMatchObject({ time: null, zone: '+0000' });
  });

  it('of a shallow origin stop at its boundary, and of the full one later tell what was behind it', async () => {
    const full = join(dir, 'full');
    await fixture('merge-storm').build(full);
    const shallow = join(dir, 'shallow');
    await run('git', ['clone', '-q', '--bare', '--depth=2', `file://${full}`, shallow]);
    await harness.ingest(shallow, 'shallow');
    const first = await eventsOf('shallow', 1);
    expect(hashes(first)).toEqual(await reachable(shallow));
    await run('git', ['-C', shallow, 'fetch', '-q', '--unshallow', full]);
    await harness.ingest(shallow, 'shallow');
    expect(hashes(await eventsOf('shallow', 2))).toEqual(await reachable(shallow));
  });

  it('of an archive with missing objects tell what is left: roots where parents are gone, no changes where trees are', async () => {
    const origin = join(dir, 'holes');
    await initBare(origin);
    const files = (text: string) => [{ path: 'dir/file', content: text }];
    const [, second = '', third = '', fourth = ''] = await importCommits(origin, [
      { ref: 'refs/heads/main', mark: 1, files: files('1') },
      { ref: 'refs/heads/main', mark: 2, parents: [1], files: files('2') },
      { ref: 'refs/heads/main', mark: 3, parents: [2], files: files('3') },
      { ref: 'refs/heads/main', mark: 4, parents: [3], files: files('4') },
    ]);
    await harness.ingest(origin, 'holes');
    const tree = await gitText(['rev-parse', `${third}^{tree}`], { gitDir: origin });
    await withoutObjects(harness.deps.store.localPath(objectsPath('holes')) ?? '', [second, tree]);
    const { commits, snapshots } = await eventsOf('holes', 1);
    expect(commits.map(({ hash, changesUnknown }) => [hash, changesUnknown === true])).toEqual([[third, true], [fourth, true]]);
    expect(commits[0]?.parents).toEqual([second]);
    expect(snapshots).toHaveLength(1);
  });
});

/** Rewrites the packs of an object folder, under their own names, without some of their objects. */
async function withoutObjects(objects: string, gone: string[]): Promise<void> {
  const pack = join(objects, 'pack');
  await run('chmod', ['-R', 'u+w', objects]);
  for (const name of (await readdir(pack)).filter((each) => each.endsWith('.pack'))) {
    const path = join(pack, name.slice(0, -'.pack'.length));
    const scratch = await mkdtemp(join(tmpdir(), 'pivo-holes-'));
    await git(['init', '-q', '--bare', scratch]);
    await git(['unpack-objects', '-q'], { gitDir: scratch, input: await readFile(`${path}.pack`) });
    for (const oid of gone) await unlink(join(scratch, 'objects', oid.slice(0, 2), oid.slice(2))).catch(() => {});
    const all = (await gitText(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], { gitDir: scratch })).split('\n');
    const { stdout } = await git(['pack-objects', '-q', '--stdout'], { gitDir: scratch, input: `${all.join('\n')}\n` });
    await Promise.all([unlink(`${path}.pack`), unlink(`${path}.idx`)]);
    await writeFile(`${path}.pack`, stdout);
    await git(['index-pack', `${path}.pack`], { gitDir: scratch });
    await rm(scratch, { recursive: true });
  }
}

describe('the parts of a commit', () => {
  it('are told apart as git does', () => {
    expect(subjectAndBody('one')).toEqual({ subject: 'one', body: '' });
    expect(subjectAndBody('\n \none\ntwo\n\n\nbody\n\nmore')).toEqual({ subject: 'one two', body: 'body\n\nmore' });
    expect(subjectAndBody('')).toEqual({ subject: '', body: '' });
  });

  it('survive any malformed person', () => {
    expect(parseSignature('A <a@b> 12 +0100')).toEqual({ name: 'A', email: 'a@b', time: 12, zone: '+0100' });
    expect(parseSignature('> backwards <')).toEqual({ name: '> backwards <', email: '', time: null, zone: '' });
    expect(parseSignature('')).toEqual({ name: '', email: '', time: null, zone: '' });
  });
});
