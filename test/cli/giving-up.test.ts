// Ctrl-C on a backup, through the local endpoint as the command line goes: what is said is what became of it.
import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callOperation } from '../../apps/cli/call.ts';
import { createEndpoint } from '../../apps/server/endpoint.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { TASK_QUEUE, ingestWorkflowId } from '../../contract/names.ts';
import { ingest } from '../../operations/ingest.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { gate, ingestActs } from '../harness/ingest-acts.ts';
import { operationContext } from '../harness/operations.ts';
import { silentLog, startTemporal, startWorker, unique, type TestTemporal, type TestWorker } from '../harness/temporal.ts';

type Gate = ReturnType<typeof gate>;

let temporal: TestTemporal;
let worker: TestWorker;
let context: OperationContext;
let server: Server;
let socket: string;
let fetching: Gate;
let emitting: Gate;

beforeAll(async () => {
  temporal = await startTemporal();
  const { standIns } = ingestActs({
    fetchOrigin: async (_deps, _job, { signal, onProgress }) => {
      onProgress({ phase: 'fetching' });
      await fetching.pass(signal);
      return { unchanged: false, refs: 1 };
    },
    emitVisit: async (_deps, _input, { signal }) => {
      await emitting.pass(signal);
      return { events: 2 };
    },
  });
  worker = await startWorker(temporal, { taskQueue: TASK_QUEUE, standIns });
  context = operationContext(temporal, worker);
  socket = join(temporal.folder, 's');
  server = createEndpoint({ load: async () => ingest, context, log: silentLog });
  await once(server.listen(socket), 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await context.library.close();
  await worker.stop();
  await temporal.stop();
});
beforeEach(() => {
  [fetching, emitting] = [gate(), gate()];
});

interface Asked {
  name: string;
  person: AbortController;
  /** Resolves when it follows the run. */
  follows: Promise<void>;
  answer: Promise<IngestResult>;
}

/** `pivo ingest URL --name NAME`, and the person in front of it. */
function ask(name = unique('given-up')): Asked {
  const person = new AbortController();
  const follows = Promise.withResolvers<void>();
  const input = { url: `https://host.example/${name}.git`, name };
  const answer = callOperation<IngestResult>(socket, 'ingest', input, { signal: person.signal, onProgress: () => follows.resolve() }, () => Promise.reject(new Error('nobody listens')));
  answer.catch(() => {}); // looked at later
  return { name, person, follows: follows.promise, answer };
}

describe('Ctrl-C on an ingest', () => {
  it('that nothing is committed of says that it was cancelled, when it is', async () => {
    const mine = ask();
    await fetching.began;
    mine.person.abort();
    await expect(mine.answer).rejects.toMatchObject({ kind: 'Cancelled', message: `${ingestWorkflowId(mine.name)} was cancelled` });
    expect((await temporal.client.workflow.getHandle(ingestWorkflowId(mine.name)).describe()).status.name).toBe('CANCELLED');
  });

  it('that somebody else had started says that it goes on, and it does', async () => {
    const theirs = ask();
    await fetching.began;
    const mine = ask(theirs.name);
    await mine.follows;
    mine.person.abort();
    await expect(mine.answer).rejects.toMatchObject({ kind: 'Cancelled', message: expect.stringContaining('goes on') as string });
    fetching.open();
    emitting.open();
    expect(await theirs.answer).toMatchObject({ visit: 1, joined: false });
  });

  it('whose visit is committed says which one', async () => {
    fetching.open();
    const mine = ask();
    await emitting.began;
    mine.person.abort();
    emitting.open();
    expect(await mine.answer).toMatchObject({ repository: mine.name, visit: 1, events: 2 });
  });
});

it('a caller that is killed aborts what it asked for', async () => {
  const name = unique('killed');
  const body = JSON.stringify({ url: `https://host.example/${name}.git`, name });
  const sent = request({ socketPath: socket, path: '/operations/ingest', method: 'POST' }).on('error', () => {});
  sent.end(body);
  await fetching.began;
  sent.destroy();
  await expect(temporal.client.workflow.getHandle(ingestWorkflowId(name)).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});
