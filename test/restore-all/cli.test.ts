// `pivo restore --all` as a person types it: the plan with its sums, the consent, the exit code, the receipt of receipts.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestoreAllPlan, RestoreAllReceipt, RestoreAllStatus } from '../../contract/restore-all.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import { compareRepositories, describeDifference } from '../harness/compare.ts';
import { openIngest } from '../harness/ingest.ts';
import { startPivo, type Pivo } from '../harness/pivo.ts';
import { backUpMany, numbered } from './many.ts';

const dir = await mkdtemp(join(tmpdir(), 'pivo-all-'));
const NAMES = numbered(6);
let pivo: Pivo;

beforeAll(async () => {
  const home = join(dir, 'home');
  const archive = await openIngest(home);
  await backUpMany(archive, join(dir, 'origins'), NAMES);
  await archive.close();
  pivo = await startPivo(home, { PIVO_GIT_PROTOCOLS: 'https,ssh,file' });
});

afterAll(async () => {
  await pivo.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
});

/** What a command prints and its exit code, whatever that is. */
const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  pivo.text(...args).then((stdout) => ({ code: 0, stdout, stderr: '' }), (error: unknown) => error as { code: number; stdout: string; stderr: string });

describe('pivo restore --all', () => {
  it('brings everything back to a folder and says how many, how fast, and where the receipt is', async () => {
    const into = join(dir, 'restored');
    const planned = await run('plan', '--all', '--to', into);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringMatching(/6 of 6, 6 of them made there[\s\S]*12 to create[\s\S]*REPOSITORY[\s\S]*acme\.r05/) });
    expect(await readdir(into).catch(() => null)).toBeNull();
    const { code, stdout } = await run('restore', '--all', '--to', into, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/6 of 6 repositories are restored and proven[\s\S]*repositories a minute[\s\S]*Receipt +all-[0-9a-f]{10} +[0-9a-f]{64}/);
    expect((await readdir(into)).sort()).toEqual(NAMES.map((name) => `${name}.git`));
    expect(describeDifference(await compareRepositories(join(dir, 'origins/acme.r03.git'), join(into, 'acme.r03.git')))).toBe('');
  });

  it('waits for consent without a terminal, names how to give it, and the receipts list it', async () => {
    const into = join(dir, 'approved');
    const asked = await pivo.json<RestoreAllStatus>('restore', '--all', '--only', 'acme.r00', '--only', 'acme.r01', '--to', into);
    expect(asked).toMatchObject({ state: 'awaiting approval', plan: { sums: { ready: 2 } } });
    const { stdout } = await run('approvals');
    expect(stdout).toMatch(new RegExp(`${asked.restoreId}.*2 repositories@latest.*${asked.planHash}`));
    const receipt = await pivo.json<RestoreAllReceipt>('approve', asked.restoreId, asked.planHash ?? '');
    expect(receipt).toMatchObject({ outcome: 'done', counts: { restored: 2 }, planHash: asked.planHash });
    expect(receipt.approvedBy).not.toBeNull();
    expect(await pivo.json<RestoreAllReceipt>('receipts', asked.restoreId)).toEqual(receipt);
    await expect.poll(async () => (await run('receipts')).stdout).toContain(`${asked.restoreId} `);
  });

  it('is rejected by its id, and nothing was changed', async () => {
    const into = join(dir, 'rejected');
    const asked = await pivo.json<RestoreAllStatus>('restore', '--all', '--to', into);
    expect(await run('approve', asked.restoreId, 'f'.repeat(64))).toMatchObject({ code: 10 });
    expect(await run('reject', asked.restoreId, '--reason', 'wrong place')).toMatchObject({ code: 0 });
    expect(await readdir(into).catch(() => null)).toBeNull();
  });

  it('ends with 11 when some did not come back, and says which and why', async () => {
    const into = join(dir, 'occupied');
    await initBare(join(into, 'acme.r02.git'));
    await importCommits(join(into, 'acme.r02.git'), [{ ref: 'refs/heads/main', mark: 1, message: 'of somebody else' }]);
    const planned = await run('plan', '--all', '--to', into, '--json');
    expect(planned.code).toBe(11);
    expect((JSON.parse(planned.stdout) as { plan: RestoreAllPlan }).plan.sums).toMatchObject({ ready: 5, refused: 1 });
    const { code, stdout } = await run('restore', '--all', '--to', into, '--yes');
    expect(code).toBe(11);
    expect(stdout).toMatch(/5 of 6 repositories[\s\S]*NOT THERE[\s\S]*acme\.r02 +refused +target not empty/);
  });

  it.each([
    [['restore', '--to', 'x'], 'which repository?'],
    [['restore', 'acme.r00', '--all', '--to', 'x'], 'exclude each other'],
    [['restore', 'acme.r00', '--at', '2026-01-01', '--to', 'x'], '--only, --at and --at-once go with --all'],
    [['restore', '--all', '--refs', 'all', '--to', 'x'], 'all refs are restored'],
    [['plan', '--all', '--at', 'main', '--to', 'x'], 'no instant'],
    [['plan', '--source', 'nobody', '--to', 'x'], 'no source "nobody"'],
  ])('says what is wrong with %j', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: expect.toSatisfy((code: number) => code === 2 || code === 3), stderr: expect.stringContaining(message) });
  });
});
