// One turn without a workflow: a provider and the real tools, work that needs a running PIVO answered by stand-ins.
import type { Message, ModelStep } from '../../contract/conversation.ts';
import { instructions } from '../../agent/instructions.ts';
import type { ModelProvider } from '../../agent/model.ts';
import { callTool, describeTools } from '../../agent/tools/index.ts';
import type { OperationContext } from '../../operations/operation.ts';

export interface MadeCall {
  name: string;
  arguments: unknown;
  failed: boolean;
}

export interface OneTurn {
  answer: string;
  end: ModelStep['end'] | 'rounds';
  calls: MadeCall[];
  messages: Message[];
}

const HASH = 'a'.repeat(64);
const ref = { name: 'refs/heads/main', old: null, new: 'b'.repeat(40), action: 'create' };

/** What the operations that need a running PIVO would answer. */
const STAND_INS: Record<string, (input: object) => unknown> = {
  restore: (input) => ({ restoreId: 'diary-0123456789', state: 'awaiting approval', planHash: HASH, plan: { ...input, point: { asked: (input as { point: string }).point }, refs: [ref], packs: [], shallow: [], warnings: [] }, counts: { create: 1 }, expires: '2027-01-01T00:00:00Z', receipt: null }),
  ingest: (input) => ({ workflowId: 'ingest:y', runId: 'run', repository: 'y', joined: false, ...input }),
  jobs: () => [{ workflowId: 'ingest:diary', runId: 'run', type: 'ingest', state: 'completed', started: '2026-11-21T10:00:00Z', ended: '2026-11-21T10:00:09Z', result: { repository: 'diary', visit: 1 } }],
  approvals: () => [{ workflowId: 'restore:diary-0123456789', requestedBy: 'ada', state: 'awaiting approval', planHash: HASH, plan: { repository: 'diary', target: '/srv/diary', refs: [ref], packs: [], shallow: [] }, expires: '2027-01-01T00:00:00Z' }],
};

/** Asks, calls what is wanted, until there is an answer or the rounds are used up. */
export async function oneTurn(provider: ModelProvider, context: OperationContext, question: string, { before = [], rounds = 12 }: { before?: Message[]; rounds?: number } = {}): Promise<OneTurn> {
  const signal = new AbortController().signal;
  const tools = await describeTools();
  const messages: Message[] = [...before, { role: 'user', text: question }];
  const made: MadeCall[] = [];
  for (let round = 1; ; round++) {
    const step = await provider.step({ instructions: instructions({ today: new Date().toISOString().slice(0, 10) }), messages, tools: round < rounds ? tools : [] }, { signal, onText: () => {} });
    const { text, calls, native, end } = step;
    messages.push({ role: 'assistant', text, calls, ...(native === undefined ? {} : { native }) });
    if (end !== 'tools' || round === rounds) return { answer: text, end: end === 'tools' ? 'rounds' : end, calls: made, messages };
    for (const call of calls) {
      const elsewhere = (name: string, input: object, here: () => Promise<unknown>): Promise<unknown> => (STAND_INS[name] === undefined ? here() : Promise.resolve(STAND_INS[name](input)));
      const { content, cut, failure } = await callTool(context, call.name, call.arguments, { signal, elsewhere });
      made.push({ name: call.name, arguments: call.arguments, failed: failure !== undefined });
      messages.push({ role: 'tool', call: call.id, name: call.name, content, cut, failed: failure !== undefined });
    }
  }
}
