// What `health` says of a spool gate that is held up.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { openContext } from '../../operations/context.ts';
import { health } from '../../operations/health.ts';
import type { Check } from '../../stack/doctor.ts';
import { NAMESPACE, silentLog, startTemporal, startWorker, unique, type TestTemporal } from '../harness/temporal.ts';
import { gateHome, putEvents, startGate, type GateHome } from './home.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(() => temporal.stop());

async function checks({ folder, workerId, deps }: GateHome): Promise<Check[]> {
  const config = loadConfig({ PIVO_HOME: folder, TEMPORAL_ADDRESS: temporal.server.address, TEMPORAL_NAMESPACE: NAMESPACE });
  const context = openContext({ ...config, workerId, records: deps.records }, silentLog, { user: 'ada', via: 'cli', owner: true });
  try {
    return (await health.run(context, {}, { signal: AbortSignal.timeout(60_000), onProgress: () => {} })).checks;
  } finally {
    await context.close();
  }
}

it('names the batch of a gate that is held up, the attempt and why the last one failed, until it is cured', async () => {
  const home = gateHome(temporal, unique('worker'));
  const { records } = home.deps;
  const broken = { ...home, deps: { ...home.deps, records: { url: 'postgres://nobody@127.0.0.1:9/none', password: () => undefined } } };
  const taskQueue = unique('queue');
  const stuck = await startWorker(temporal, { taskQueue, workerId: home.workerId, deps: broken.deps });
  await putEvents(home, 'held', 1);
  const gate = await startGate(temporal, home, taskQueue);
  await expect.poll(() => checks(broken), { timeout: 60_000, interval: 500 }).toContainEqual({ name: 'Spool gates', state: 'wrong', found: expect.stringMatching(/^event: batch event-\d+-\w+, attempt \d+ since .*; the last failed: .*ECONNREFUSED/), advice: expect.stringContaining('nothing is lost') });
  expect(await checks(broken)).toContainEqual(expect.objectContaining({ name: 'Records', state: 'wrong' }));
  await stuck.stop();
  const worker = await startWorker(temporal, { taskQueue, workerId: home.workerId, deps: { ...home.deps, records } });
  await gate.result();
  expect(await checks(home)).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'Spool', found: 'nothing waits' }), { name: 'Spool gates', state: 'ok', found: 'none is at work' }, { name: 'Push backups', state: 'ok', found: '0 run, 0 wait' }, expect.objectContaining({ name: 'Records', state: 'ok' })]));
  await worker.stop();
});
