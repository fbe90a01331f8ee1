// Operations as a door calls them, over a test worker's ports and a test's Temporal.
import { join } from 'node:path';
import type { z } from 'zod';
import { openLibrary } from '../../archive/reading/library.ts';
import type { Progress } from '../../contract/ingest.ts';
import { parseInput } from '../../contract/validation.ts';
import type { Operation, OperationContext } from '../../operations/operation.ts';
import { silentLog, type TestTemporal, type TestWorker } from './temporal.ts';

export function operationContext(temporal: TestTemporal, { deps }: Pick<TestWorker, 'deps'>): OperationContext {
  return {
    store: deps.store,
    library: openLibrary({ store: deps.store, cache: deps.cache }),
    paths: { index: '', state: join(deps.cache, '../state.db'), cache: deps.cache, spool: join(deps.cache, '../spool'), metadataSocket: '', credentials: deps.credentials, logIndex: join(deps.cache, '../logs.db') },
    drill: { maxAge: 30 }, workerId: deps.workerId,
    git: { protocols: deps.protocols },
    agent: { origins: [], targets: [] },
    log: silentLog,
    caller: { user: 'ada', via: 'cli', owner: true },
    temporal: async () => temporal.client,
    status: () => Promise.reject(new Error('a test has no stack')),
  };
}

export interface Call {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export async function callOperation<Input extends z.ZodType, Output>(operation: Operation<Input, Output>, context: OperationContext, input: z.input<Input>, call: Call = {}): Promise<Output> {
  const parsed = parseInput(operation.input, input, `${operation.name} input`);
  return operation.run(context, parsed, { signal: call.signal ?? new AbortController().signal, onProgress: call.onProgress ?? (() => {}) });
}
