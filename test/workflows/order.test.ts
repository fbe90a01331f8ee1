// The order of an ingest's steps, and what a failure, a cancel or a lost worker does to it.
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditPath } from '../../archive/layout.ts';
import { PivoError, type FailureKind } from '../../contract/failures.ts';
import type { AuditEvent } from '../../contract/events.ts';
import type { ActivityDeps } from '../../activities/act.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { gate, ingestActs, visitOf } from '../harness/ingest-acts.ts';
import { startTemporal, startWorker, unique, type StandIns, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

let temporal: TestTemporal;
const workers: TestWorker[] = [];

beforeAll(async () => {
  temporal = await startTemporal();
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await temporal.stop();
});

interface Running {
  done: string[];
  handle: WorkflowHandle;
  worker: TestWorker;
}

/** Starts an ingest on a worker with these stand-ins. */
async function ingestWith(standIns: StandIns): Promise<Running> {
  const taskQueue = unique('queue');
  const acts = ingestActs(standIns);
  const worker = await startWorker(temporal, { taskQueue, standIns: acts.standIns });
  workers.push(worker);
  const name = unique('repo');
  const handle = await temporal.client.workflow.start('ingest', { taskQueue, workflowId: ingestWorkflowId(name), args: [{ url: `https://host.example/${name}.git` }], memo: { requestedBy: 'ada' } });
  return { done: acts.done, handle, worker };
}

/** Fails the first `times` calls. */
function failing<Output>(times: number, kind: FailureKind, output: Output): () => Promise<Output> {
  let calls = 0;
  return async () => {
    if (calls++ < times) throw new PivoError(kind, `fails ${times} times`);
    return output;
  };
}

/** The archived audit record of a run. */
async function auditOf({ store }: ActivityDeps, { workflowId }: WorkflowHandle, client = temporal.client): Promise<AuditEvent> {
  const { runId, startTime } = await client.workflow.getHandle(workflowId).describe();
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(auditPath(startTime.toISOString(), `audit:ingest:${runId}`))) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as AuditEvent;
}

describe('the steps of an ingest', () => {
  it('are fetch, packs, checkout, visit, events; then its audit record', async () => {
    const { done, handle, worker } = await ingestWith({});
    expect(await handle.result()).toMatchObject({ visit: 1, events: 2 });
    expect(done).toEqual(['fetchOrigin', 'putPacks', 'putLfs', 'putCheckout', 'putVisit', 'emitVisit']);
    expect(await auditOf(worker.deps, handle)).toMatchObject({ action: 'ingest', outcome: 'done', actor: 'ada', details: { visit: 1, events: 2 } });
  });

  it('are fetch, visit, events for an origin that is as it was', async () => {
    const { done, handle } = await ingestWith({ fetchOrigin: async () => ({ unchanged: true, refs: 1 }) });
    await handle.result();
    expect(done).toEqual(['fetchOrigin', 'putVisit', 'emitVisit']);
  });

  it('are tried again after a failure that may pass', async () => {
    const { done, handle } = await ingestWith({ putPacks: failing(1, 'StorageUnavailable', { newPacks: 1, newObjects: 3, newBytes: 300 }) });
    await handle.result();
    expect(done).toEqual(['fetchOrigin', 'putPacks', 'putPacks', 'putLfs', 'putCheckout', 'putVisit', 'emitVisit']);
  });

  it('end at once after a failure that cannot pass, with its kind, its hint and an audit record', async () => {
    const { done, handle, worker } = await ingestWith({
      fetchOrigin: async () => {
        throw new PivoError('LimitExceeded', 'more than 5 refs', { hint: 'Raise limits.refs.', facts: { refs: 6 } });
      },
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'LimitExceeded', message: 'more than 5 refs\nRaise limits.refs.', details: [{ kind: 'LimitExceeded', facts: { refs: 6 } }] } });
    expect(done).toEqual(['fetchOrigin']);
    expect(await auditOf(worker.deps, handle)).toMatchObject({ outcome: 'refused', details: { kind: 'LimitExceeded' } });
  });

  it('start over with a new look at the origin when another run\'s visit was first', async () => {
    let conflicts = 0;
    const { done, handle } = await ingestWith({
      putVisit: async (_deps, job) => {
        if (conflicts++ === 0) throw new PivoError('VisitConflict', 'visit 1 was written by another run');
        return visitOf(job, 2);
      },
    });
    expect(await handle.result()).toMatchObject({ visit: 2 });
    expect(done).toEqual(['fetchOrigin', 'putPacks', 'putLfs', 'putCheckout', 'putVisit', 'fetchOrigin', 'putPacks', 'putLfs', 'putCheckout', 'putVisit', 'emitVisit']);
  });

  it('keep the visit and its result while the event log is down', async () => {
    const { done, handle } = await ingestWith({ emitVisit: failing(3, 'Unavailable', { events: 2 }) });
    expect(await handle.result()).toMatchObject({ visit: 1, events: 2 });
    expect(done.filter((act) => act === 'putVisit')).toHaveLength(1);
  });

  it('say that the visit stands when its events can never be told', async () => {
    const { handle } = await ingestWith({
      emitVisit: async () => {
        throw new PivoError('Damaged', 'pack-1 is damaged');
      },
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Damaged', message: expect.stringMatching(/^visit 1 of repo-\S+ is archived, but its events are not out: pack-1 is damaged/) as string } });
  });
});

/** Resolves when the workflow's code has answered the cancel request. */
async function cancelWasHeard(handle: WorkflowHandle): Promise<void> {
  const heard = async (): Promise<boolean> => {
    const events = (await handle.fetchHistory()).events ?? [];
    const asked = events.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
    return asked >= 0 && events.slice(asked).some((event) => event.workflowTaskCompletedEventAttributes != null);
  };
  await expect.poll(heard).toBe(true);
  expect((await handle.fetchHistory()).events?.filter((event) => event.activityTaskCancelRequestedEventAttributes != null)).toEqual([]);
}

describe('a cancel', () => {
  it('ends the act that runs, and leaves an audit record but no visit', async () => {
    const fetch = gate();
    const ended = Promise.withResolvers<unknown>();
    const { done, handle, worker } = await ingestWith({
      fetchOrigin: async (_deps, _job, run) => {
        await fetch.pass(run.signal).catch(ended.resolve);
        run.signal.throwIfAborted();
        return { unchanged: false, refs: 1 };
      },
    });
    await fetch.began;
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await ended.promise).toMatchObject({ name: 'CancelledFailure' });
    expect(done).toEqual(['fetchOrigin']);
    expect(await auditOf(worker.deps, handle)).toMatchObject({ outcome: 'cancelled' });
  });

  it('after the visit changes nothing: its events are told', async () => {
    const emit = gate();
    const { handle } = await ingestWith({
      emitVisit: async (_deps, _job, run) => {
        await emit.pass(run.signal);
        return { events: 2 };
      },
    });
    await emit.began;
    await handle.cancel();
    await cancelWasHeard(handle);
    emit.open();
    expect(await handle.result()).toMatchObject({ visit: 1, events: 2 });
  });
});

describe('progress', () => {
  it('is in the status query and in the heartbeats', async () => {
    const fetch = gate();
    const { handle } = await ingestWith({
      fetchOrigin: async (_deps, _job, run) => {
        run.onProgress({ phase: 'receiving objects', done: 7, total: 9, bytes: 700 });
        await fetch.pass(run.signal);
        return { unchanged: false, refs: 1 };
      },
    });
    await fetch.began;
    expect(await handle.query('status')).toEqual({ phase: 'fetching' });
    const beat = async (): Promise<unknown> => {
      const payload = (await handle.describe()).raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
      return payload?.data == null ? null : JSON.parse(Buffer.from(payload.data).toString('utf8'));
    };
    await expect.poll(beat).toEqual({ phase: 'receiving objects', done: 7, total: 9, bytes: 700 });
    fetch.open();
    await handle.result();
    expect(await handle.query('status')).toEqual({ phase: 'done' });
  });
});
