// Verifications, drills and repairs as durable runs on a real Temporal: through their operations, over a worker that dies, and scheduled.
import { rm, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packPath } from '../../archive/layout.ts';
import { readVisit } from '../../archive/visits.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import { drill } from '../../operations/drill.ts';
import { drills } from '../../operations/drills.ts';
import { ingest } from '../../operations/ingest.ts';
import { repair } from '../../operations/repair.ts';
import { repos } from '../../operations/repos.ts';
import { scheduleAdd } from '../../operations/schedule-add.ts';
import { scheduleRemove, scheduleRun } from '../../operations/schedule-control.ts';
import { scheduleList, scheduleShow } from '../../operations/schedule-list.ts';
import { verifications, verifyCoverage } from '../../operations/verifications.ts';
import { verifyRun } from '../../operations/verify-run.ts';
import { verifyPart } from '../../activities/verify.ts';
import { fixture } from '../fixtures/generate.ts';
import { callOperation, operationContext } from '../harness/operations.ts';
import { fileOf, flipBit } from '../harness/proof.ts';
import { startTemporal, startWorker, type TestTemporal, type TestWorker } from '../harness/temporal.ts';
import type { OperationContext } from '../../operations/operation.ts';

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;
let origin: string;

beforeAll(async () => {
  temporal = await startTemporal();
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE });
  context = operationContext(temporal, worker);
  for (const name of ['force-push', 'nested-tags']) {
    await fixture(name).build(join(temporal.folder, `${name}.git`));
    await callOperation(ingest, context, { url: join(temporal.folder, `${name}.git`), name });
  }
  origin = join(temporal.folder, 'force-push.git');
});
afterAll(async () => {
  await context.library.close();
  await worker.stop();
  await worker.deps.events.close().catch(() => {});
  await temporal.stop();
});

describe('a verification', () => {
  test('of parts reads everything once, and the coverage proves it', async () => {
    expect((await callOperation(verifyCoverage, context, {})).every(({ files, never }) => files === never)).toBe(true);
    for (const part of [1, 2, 3]) expect(await callOperation(verifyRun, context, { part: { part, of: 3 } })).toMatchObject({ ok: true, part: { part, of: 3 }, repositories: 2, found: [] });
    expect(await callOperation(verifyCoverage, context, {})).toMatchObject([{ repository: 'force-push', never: 0, damaged: 0 }, { repository: 'nested-tags', never: 0, damaged: 0 }]);
    expect((await callOperation(verifications, context, {})).runs.map(({ workflowId }) => workflowId)).toEqual(['verify:all:3-3', 'verify:all:2-3', 'verify:all:1-3']);
    expect((await callOperation(verifyCoverage, context, { repository: 'force-push' }))[0]?.reads?.every(({ ok }) => ok === true)).toBe(true);
  });

  test('of a part that there is not is refused', async () => {
    await expect(callOperation(verifyRun, context, { part: { part: 4, of: 3 } })).rejects.toMatchObject({ kind: 'InvalidInput' });
  });

  test('goes on where a worker that ended left it', async () => {
    const begun = Promise.withResolvers<void>();
    const taskQueue = `scrub-${Date.now()}`;
    const first = await startWorker(temporal, {
      taskQueue,
      deps: worker.deps,
      standIns: {
        verifyPart: async (deps, verification, run) => {
          const stop = new AbortController();
          await verifyPart(deps, verification, { ...run, signal: stop.signal, onProgress: ({ phase }) => void (phase.startsWith('1 of 2') && stop.abort(new Error('ended'))) }).catch(() => {});
          begun.resolve();
          await new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason as Error), { once: true }));
          throw new Error('never');
        },
      },
    });
    const handle = await temporal.client.workflow.start('verify', { workflowId: taskQueue, taskQueue, args: [{}] });
    await begun.promise;
    await first.stop();
    const seen: string[] = [];
    const second = await startWorker(temporal, {
      taskQueue,
      deps: worker.deps,
      standIns: { verifyPart: (deps, verification, run) => verifyPart(deps, verification, { ...run, onProgress: ({ phase }) => void seen.push(phase) }) },
    });
    expect(await handle.result()).toMatchObject({ ok: true, repositories: 2 });
    expect(seen.filter((phase) => phase.includes('checking visits'))).toEqual(['1 of 2 repositories, checking visits of nested-tags']);
    await second.stop();
  });
});

describe('a drill', () => {
  test('proves one repository, then all, and repos shows it', async () => {
    expect(await callOperation(drills, context, {})).toMatchObject({ maxAge: 30, repositories: [{ proven: null, red: false }, { proven: null, red: false }] });
    expect(await callOperation(drill, context, { repository: 'force-push' })).toMatchObject({ proven: 1, failed: 0, drills: [{ repository: 'force-push', outcome: 'proven', visit: 1 }] });
    expect(await callOperation(drill, context, {})).toMatchObject({ proven: 2, failed: 0 });
    const states = await callOperation(repos, context, {});
    expect(states.map(({ drill, verified }) => [drill.red, drill.recoveryVisit, verified?.findings])).toEqual([[false, 1, 0], [false, 1, 0]]);
    expect((await callOperation(repos, { ...context, drill: { maxAge: 1e-9 } }, {})).map(({ drill }) => drill.red)).toEqual([true, true]);
  });

  test('of an unknown repository is NotFound', async () => {
    await expect(callOperation(drill, context, { repository: 'unknown' })).rejects.toMatchObject({ kind: 'NotFound' });
  });
});

test('a schedule drills or verifies, beside that of the backups', async () => {
  await callOperation(scheduleAdd, context, { repository: 'force-push', every: '1d' });
  await callOperation(scheduleAdd, context, { repository: '*', what: 'drill', every: '1w' });
  await callOperation(scheduleAdd, context, { repository: '*', what: 'verify', parts: 30, every: '1d' });
  await expect(callOperation(scheduleAdd, context, { repository: '*', every: '1d' })).rejects.toMatchObject({ kind: 'InvalidInput' });
  await expect.poll(async () => (await callOperation(scheduleList, context, {})).map(({ repository, what }) => `${what} ${repository}`).toSorted()).toEqual(['drill *', 'ingest force-push', 'verify *']);
  await callOperation(scheduleRun, context, { repository: '*', what: 'verify' });
  await expect.poll(async () => (await callOperation(verifications, context, { limit: 5 })).runs.find(({ part }) => part?.of === 30)?.finished ?? null).not.toBeNull();
  for (const [repository, what] of [['force-push', 'ingest'], ['*', 'drill'], ['*', 'verify']] as const) await callOperation(scheduleRemove, context, { repository, what });
});

test('what a scheduled verification or drill found is told by its schedule', async () => {
  const { packs } = await readVisit(worker.deps.store, 'nested-tags', 1);
  const pack = fileOf(worker.deps, packPath('nested-tags', packs[0]?.name ?? '', 'pack'));
  await flipBit(pack);
  for (const [what, outcome] of [['verify', '1 finding in nested-tags'], ['drill', '1 failed']] as const) {
    const of = { repository: 'nested-tags', what };
    await callOperation(scheduleAdd, context, { ...of, every: '1d' });
    await callOperation(scheduleRun, context, of);
    await expect.poll(async () => (await callOperation(scheduleShow, context, of)).runs.map(({ state, outcome: told }) => [state, told])).toEqual([['completed', outcome]]);
    await callOperation(scheduleRemove, context, of);
  }
  await flipBit(pack);
});

describe('a repair', () => {
  const pack = async (): Promise<string> => {
    const numbers = (await callOperation(repos, context, { repository: 'force-push' }))[0]?.visits ?? 1;
    return packPath('force-push', (await readVisit(context.store, 'force-push', numbers)).packs.at(-1)?.name ?? '', 'pack');
  };

  test('writes a visit that is indexed like any other, and verify is clean', async () => {
    await rm(fileOf(worker.deps, await pack()));
    const found = await callOperation(verifyRun, context, { repository: 'force-push' });
    expect(found).toMatchObject({ ok: false, found: [{ kind: 'pack', problem: 'it is not there', hint: expect.stringContaining('pivo repair force-push') as string }] });
    const repaired = await callOperation(repair, context, { repository: 'force-push' });
    expect(repaired).toMatchObject({ visit: 2, repaired: [{ from: 'origin' }], lost: [] });
    expect(await callOperation(verifyRun, context, { repository: 'force-push' })).toMatchObject({ ok: true });
    const audit = await context.store.list(`audit/${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}`);
    expect(audit.some(({ name }) => name.startsWith('audit_repair_'))).toBe(true);
  });

  test('that finds an object nowhere fails, names it, and writes no visit', async () => {
    await rm(fileOf(worker.deps, await pack()));
    await rename(origin, `${origin}.gone`);
    await expect(callOperation(repair, context, { repository: 'force-push' })).rejects.toMatchObject({ kind: 'Damaged', message: expect.stringMatching(/nowhere to be found: [0-9a-f]{40}/) as string });
    await expect(readVisit(context.store, 'force-push', 3)).rejects.toMatchObject({ kind: 'NotFound' });
    const ended = await callOperation(drill, context, { repository: 'force-push' });
    const failed = 'drills' in ended ? ended.drills[0] : undefined;
    expect(failed).toMatchObject({ outcome: 'failed' });
    expect((await callOperation(repos, context, { repository: 'force-push' }))[0]?.drill).toMatchObject({ red: true, failed: failed?.message });
  });
});
