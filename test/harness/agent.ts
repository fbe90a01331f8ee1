// An agent's worker in this process, over real ports, with a model that a test scripts.
import { join } from 'node:path';
import type { ModelProvider, ModelRequest, StepOptions } from '../../agent/model.ts';
import { runAgentWorker } from '../../agent/worker.ts';
import type { ModelStep, ToolCall } from '../../contract/conversation.ts';
import type { OperationContext } from '../../operations/operation.ts';
import { NAMESPACE, silentLog, unique, type TestTemporal } from './temporal.ts';

/** What a scripted model says: a text, calls, or the whole step. */
export type Said = string | { text?: string; calls: Omit<ToolCall, 'id'>[] } | Partial<ModelStep>;
export type Script = (request: ModelRequest, options: StepOptions) => Said | Promise<Said>;

let callNumber = 0;

/** A model that answers as its script says; ids of calls are made. */
export function scriptedModel(script: Script): ModelProvider {
  return {
    name: 'test',
    model: 'script',
    async step(request, options) {
      const said = await script(request, options);
      const base: ModelStep = { text: '', calls: [], end: 'stop', usage: { input: 10, output: 5 }, provider: 'test', model: 'script' };
      if (typeof said === 'string') return { ...base, text: said };
      if (said.calls === undefined || 'end' in said) return { ...base, ...(said as Partial<ModelStep>) };
      return { ...base, text: said.text ?? '', end: 'tools', calls: said.calls.map((call) => ({ id: `call-${++callNumber}`, ...call })) };
    },
  };
}

/** Number of messages of tools since the last question: how far a script is in its turn. */
export function resultsSoFar({ messages }: ModelRequest): unknown[] {
  const from = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(from).flatMap((message) => (message.role === 'tool' ? [JSON.parse(message.content) as unknown] : []));
}

export const lastQuestion = ({ messages }: ModelRequest): string => {
  const last = messages.findLast(({ role }) => role === 'user');
  return last?.role === 'user' ? last.text : '';
};

export interface TestAgent {
  context: OperationContext;
  stop(): Promise<void>;
}

export interface TestAgentOptions {
  script: Script;
  /** What the operations work with; its state database is this agent's. */
  context: OperationContext;
  workerId?: string;
}

/** Starts a worker of the agent and returns when it polls. */
export async function startAgent(temporal: TestTemporal, { script, context, workerId = unique('agent') }: TestAgentOptions): Promise<TestAgent> {
  const stop = new AbortController();
  const ready = Promise.withResolvers<void>();
  const model = scriptedModel(script);
  const running = runAgentWorker({ temporal: { address: temporal.server.address, namespace: NAMESPACE }, workerId, provider: async () => model, context, log: silentLog }, { signal: stop.signal, onReady: () => ready.resolve() });
  running.catch((error: unknown) => ready.reject(error));
  await ready.promise;
  return {
    context,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

/** The context with a state database below the folder. */
export const withState = (context: OperationContext, folder: string): OperationContext => ({ ...context, paths: { ...context.paths, state: join(folder, 'state.db') } });
