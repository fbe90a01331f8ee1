// The crash matrix in short: a few runs of one seed on the live stack; the night runs hundreds (`npm run crashes`).
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MATRIX, faultName, type Fault } from './faults.ts';
import { fingerprint, indexAgrees, sameBytes, verifyClean } from './invariants.ts';
import { planFault, planRun } from './plan.ts';
import { crashRun } from './run.ts';
import { startCrashStack, type CrashStack } from './stack.ts';

const SEED = 7;
const RUNS = 8;

/** Faults of docs/faults-found.md. */
const FOUND: Fault[] = [
  { call: 'create', at: 'audit/', nth: 1, effect: 'full' },
  { call: 'adopt', at: '.pack', nth: 1, effect: 'half' },
  { call: 'adopt', at: '.idx', nth: 1, effect: 'half' },
];

let stack: CrashStack;
beforeAll(async () => {
  stack = await startCrashStack(await mkdtemp(join(tmpdir(), 'pivo-crash-')));
});
afterAll(async () => {
  await stack.stop();
  await rm(stack.home, { recursive: true, force: true });
});

describe('after crashes and faults in ingests and restores', () => {
  it.each(Array.from({ length: RUNS }, (_, run) => run))(`every guarantee holds (seed ${SEED}, run %i)`, { timeout: 300_000 }, async (run) => {
    const { broken, told } = await crashRun(stack, planRun(SEED, run));
    expect(broken, `repeat: npm run crashes -- --seed ${SEED} --run ${run}\n${told.join('\n')}`).toEqual([]);
  });

  it.each(FOUND.map((fault) => [faultName(fault), fault] as const))('what once broke a guarantee breaks none any more: %s', { timeout: 300_000 }, async (_name, fault) => {
    const { broken, told, struck } = await crashRun(stack, planFault(fault));
    expect(broken, told.join('\n')).toEqual([]);
    expect(struck).toBeGreaterThan(0);
  });

  it('the checks see what breaks: an archived file that was changed', async () => {
    const [name = ''] = (await readdir(join(stack.home, 'archive', 'backups'))).sort();
    const before = await fingerprint(stack, name);
    expect(await verifyClean(stack, name)).toEqual([]);
    const visit = join(stack.home, 'archive', 'backups', name, 'visits', '1.json');
    await chmod(visit, 0o644);
    await writeFile(visit, '{}');
    expect(sameBytes(before, await fingerprint(stack, name))).toEqual([expect.stringMatching(/visits\/1\.json was archived and is different$/)]);
    expect(await verifyClean(stack, name)).not.toEqual([]);
    expect(await indexAgrees(stack)).not.toEqual([]);
  });
});

describe('the plan of a run', () => {
  it('is decided by its seed and number alone', () => {
    expect(planRun(3, 5)).toEqual(planRun(3, 5));
    expect(planRun(3, 6)).not.toEqual(planRun(3, 5));
  });

  it('as many runs as there are faults cover every one of them', () => {
    const firsts = MATRIX.map((_, run) => planRun(11, run).jobs[1]?.trouble).map((trouble) => JSON.stringify(trouble));
    expect(new Set(firsts)).toEqual(new Set(MATRIX.map((fault) => JSON.stringify({ fault }))));
  });
});
