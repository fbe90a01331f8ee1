// The whole way, as a person goes it: `./pivo ingest`, `./pivo restore`, and the repository is the same.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitText } from '../../git/process.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import type { RestoreReceipt } from '../../contract/restore.ts';
import { FIXTURES } from '../fixtures/generate.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let dir: string;
let pivo: Pivo;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pivo-way-'));
  pivo = await startPivo(join(dir, 'home'));
}, 120_000);
afterAll(async () => {
  await pivo?.close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

async function thereAndBack(origin: string, name: string): Promise<string> {
  expect(await pivo.json<IngestResult & { indexed: boolean }>('ingest', origin, '--name', name)).toMatchObject({ repository: name, visit: 1, holes: 0, indexed: true });
  const into = join(dir, `${name}-restored.git`);
  const receipt = await pivo.json<RestoreReceipt>('restore', name, '--to', into, '--yes');
  expect(receipt).toMatchObject({ outcome: 'done', proof: { planned: receipt.proof.observed } });
  return into;
}

test.each(FIXTURES)('$name: $promise', async ({ name, build }) => {
  const origin = join(dir, name);
  await build(origin);
  expect(describeDifference(await compareRepositories(origin, await thereAndBack(origin, name)))).toBe('');
}, 180_000);

test("this project's own repository comes back", async () => {
  const gitDir = await gitText(['rev-parse', '--absolute-git-dir'], { cwd: PROJECT });
  expect(describeDifference(await compareRepositories(gitDir, await thereAndBack(PROJECT, 'own')))).toBe('');
}, 180_000);
