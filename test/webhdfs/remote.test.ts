// The git remote over an archive on real HDFS: stock git clones the latest state and a commit.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLibrary, type Library } from '../../archive/reading/library.ts';
import { git, gitText } from '../../git/process.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { fixture } from '../fixtures/generate.ts';
import { compareRepositories } from '../harness/compare.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { serve, type Served } from '../server/served.ts';
import { hdfsUnderTest } from './hdfs.ts';

const NAME = 'merge-storm';
let dir: string;
let origin: string;
let first: string;
let pivo: IngestHarness;
let library: Library;
let server: Served;

beforeAll(async () => {
  const { store } = await (await hdfsUnderTest()).archive();
  dir = await mkdtemp(join(tmpdir(), 'pivo-remote-hdfs-'));
  origin = join(dir, 'origin.git');
  pivo = await openIngest(dir, () => store);
  await fixture(NAME).build(origin);
  first = await gitText(['rev-parse', 'HEAD'], { gitDir: origin });
  await pivo.ingest(origin, NAME);
  await fixture(NAME).evolve?.(origin);
  await pivo.ingest(origin, NAME);
  library = openLibrary({ store, cache: join(dir, 'read-cache') });
  const context: OperationContext = {
    store, library, paths: { index: '', state: '', cache: join(dir, 'read-cache'), spool: '', metadataSocket: '', credentials: '', logIndex: '' }, git: { protocols: [] }, drill: { maxAge: 30 }, workerId: 'worker', agent: { origins: [], targets: [] }, log: pivo.deps.log, caller: { user: 'nobody', via: 'server', owner: false },
    temporal: () => Promise.reject(new Error('the remote needs no Temporal')), status: () => Promise.reject(new Error('nor a stack')),
  };
  server = await serve({ context });
});
afterAll(async () => {
  await server?.close();
  await library?.close();
  await pivo?.close();
  await rm(dir, { recursive: true, force: true });
});

async function clone(spec: string, ...options: string[]): Promise<string> {
  const into = join(dir, `clone-${spec}.git`);
  await git(['clone', '--quiet', ...options, `${server.url}/git/${spec}.git`, into], { protocols: ['http'] });
  await git(['fsck', '--full', '--no-dangling'], { gitDir: into });
  return into;
}

test('a mirror of the latest state has every ref and object of the origin', async () => {
  expect(await compareRepositories(origin, await clone(`${NAME}@latest`, '--mirror'))).toEqual([]);
});

test('a commit of the first visit is HEAD\'s branch at that commit', async () => {
  const into = await clone(`${NAME}@${first}`, '--bare');
  expect(await gitText(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/'], { gitDir: into })).toBe(`${first} ${await gitText(['symbolic-ref', 'HEAD'], { gitDir: origin })}`);
  expect(first).not.toBe(await gitText(['rev-parse', 'HEAD'], { gitDir: origin }));
});
