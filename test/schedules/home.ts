// What tests of schedules share: a home with sources on a test's Temporal, and a worker whose fleets end at once.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { SourceSpec } from '../../contract/source.ts';
import { TASK_QUEUE } from '../../contract/names.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { addSource } from '../../state/sources.ts';
import { operationContext } from '../harness/operations.ts';
import { NAMESPACE, testDeps, unique, type TestTemporal } from '../harness/temporal.ts';

/** Operations of a home of its own, without a worker. */
export function homeOn(temporal: TestTemporal): OperationContext {
  return operationContext(temporal, { deps: testDeps(temporal, unique('home')) });
}

/** A source of a home, as `pivo source add` keeps it; its name. */
export function sourceIn({ paths }: OperationContext, name = unique('acme')): string {
  addSource(paths.state, SourceSpec.parse({ name, kind: 'github', owner: 'acme' }));
  return name;
}

/** Runs workflows `fleet` that end at once; stop it with the function that it gives. */
export async function instantFleets({ address }: { address: string }): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, namespace: NAMESPACE, taskQueue: TASK_QUEUE, workflowsPath: fileURLToPath(new URL('./instant-fleet.ts', import.meta.url)) });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}
