// The persistent cat-file: many questions, one process, and no way to confuse its answers.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { checkObjects, openCatFile, type CatFile } from '../../git/cat-file.ts';
import { gitText } from '../../git/process.ts';
import { bigBlobs } from '../fixtures/contents.ts';
import { initBare, setRefs, writeCommit, writeObject, writeTag, writeTree } from '../fixtures/plumbing.ts';

const MISSING = 'f'.repeat(40);
let dir: string;
let blob: string;
let tag: string;
let commit: string;
const deceptive = `${MISSING} blob 3\nabc\n${MISSING} missing\n`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-cat-file-'));
  await initBare(dir);
  blob = await writeObject(dir, 'blob', deceptive);
  commit = await writeCommit(dir, { tree: await writeTree(dir, [{ mode: '100644', name: 'a', oid: blob }]) });
  tag = await writeTag(dir, commit, 'commit', 'v1');
  await setRefs(dir, [['refs/tags/v1', tag]]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const opened = (gitDir = dir): CatFile => {
  const objects = openCatFile(gitDir);
  onTestFinished(() => objects.close());
  return objects;
};

/** Processes of git that serve this repository. */
async function processesOf(gitDir: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,stat=,args=']);
  return stdout.split('\n').filter((line) => line.includes(`--git-dir=${gitDir} cat-file`) && !/^ *\d+ +Z/.test(line)).map((line) => Number.parseInt(line, 10));
}

describe('one git cat-file', () => {
  test('answers interleaved questions in order, whatever the contents look like', async () => {
    const objects = opened();
    const questions = [() => objects.info(blob), () => objects.read(blob), () => objects.read(MISSING), () => objects.info(`${tag}^{commit}`)];
    const answers = await Promise.all(Array.from({ length: 750 }, () => questions).flat().map((ask) => ask()));
    expect(answers.slice(0, 4)).toEqual([
      { oid: blob, type: 'blob', size: deceptive.length },
      { oid: blob, type: 'blob', size: deceptive.length, content: Buffer.from(deceptive) },
      null,
      expect.objectContaining({ oid: commit, type: 'commit' }),
    ]);
    for (const [at, answer] of answers.entries()) expect(answer).toEqual(answers[at % 4]);
    expect(await processesOf(dir)).toHaveLength(1);
  });

  test('knows objects that were added after it started', async () => {
    const objects = opened();
    expect(await objects.info(blob)).not.toBeNull();
    const later = await writeObject(dir, 'blob', 'later');
    expect((await objects.read(later))?.content.toString()).toBe('later');
  });

  test('that is killed from outside is started again, and nobody notices', async () => {
    const objects = opened();
    await objects.info(blob);
    const [pid = 0] = await processesOf(dir);
    const asked = Array.from({ length: 100 }, () => objects.read(blob));
    process.kill(pid, 'SIGKILL');
    for (const answer of await Promise.all(asked)) expect(answer?.content.toString()).toBe(deceptive);
    expect((await processesOf(dir)).includes(pid)).toBe(false);
  });

  test('that cannot run says why instead of asking for ever', async () => {
    const objects = opened(join(dir, 'nowhere'));
    await expect(objects.info(blob)).rejects.toMatchObject({ kind: 'GitFailed' });
  });

  test('refuses names that would be two questions', async () => {
    const objects = opened();
    for (const name of ['', `${blob}\ncontents ${blob}`, 'a\0b']) await expect(objects.info(name)).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  test('closed, answers what was asked before, and nothing after', async () => {
    const objects = openCatFile(dir);
    const asked = objects.read(blob);
    await objects.close();
    expect((await asked)?.size).toBe(deceptive.length);
    await expect(objects.info(blob)).rejects.toMatchObject({ kind: 'Cancelled' });
    expect(await processesOf(dir)).toEqual([]);
  });

  test('streams a large blob in small pieces, while others are answered', async () => {
    const BYTES = 64 * 2 ** 20;
    const large = join(dir, 'large.git');
    await bigBlobs(large, { count: 1, bytes: BYTES });
    const oid = await gitText(['rev-parse', 'refs/heads/main:blob-0.bin'], { gitDir: large });
    const head = await gitText(['rev-parse', 'refs/heads/main'], { gitDir: large });
    const objects = opened(large);
    const found = await objects.open(oid);
    const hash = createHash('sha1').update(`blob ${BYTES}\0`);
    let [pieces, largest, answered] = [0, 0, 0];
    for await (const piece of found?.content ?? []) {
      hash.update(piece);
      largest = Math.max(largest, piece.length);
      if (pieces++ % 200 === 0) answered += (await objects.info(head))?.type === 'commit' ? 1 : 0;
    }
    expect(hash.digest('hex')).toBe(oid);
    expect(largest).toBeLessThanOrEqual(2 ** 16);
    expect(pieces).toBeGreaterThanOrEqual(BYTES / 2 ** 16);
    expect(answered).toBeGreaterThan(1);
  });

  test('ends the git of a large blob whose reader has seen enough', async () => {
    const objects = opened(join(dir, 'large.git'));
    const oid = await gitText(['rev-parse', 'refs/heads/main:blob-0.bin'], { gitDir: join(dir, 'large.git') });
    for await (const piece of (await objects.open(oid))?.content ?? []) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await objects.close();
    await expect.poll(() => processesOf(join(dir, 'large.git'))).toEqual([]);
  });
});

describe('checkObjects', () => {
  test('tells type and size of many names in one pass, null for what is not there', async () => {
    const names = Array.from({ length: 5_000 }, (_, at) => [blob, `${tag}^{}`, MISSING, 'refs/tags/v1', 'no such name'][at % 5] ?? '');
    const found = await checkObjects(dir, names);
    expect(found).toHaveLength(names.length);
    expect(found.slice(0, 5).map((each) => each?.type ?? null)).toEqual(['blob', 'commit', null, 'tag', null]);
    expect(found.slice(-5)).toEqual(found.slice(0, 5));
    expect(await checkObjects(dir, [])).toEqual([]);
  });
});
