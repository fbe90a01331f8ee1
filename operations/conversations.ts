// Operations `conversations`, `conversation`, `conversation-follow` and `conversation-stop`: what was said to the agent, a turn as it goes on, and ending it.
import { z } from 'zod';
import { ConversationId, StopInput, TurnInput, conversationWorkflowId, type ConversationSummary, type Transcript, type TurnResult } from '../contract/conversation.ts';
import { PivoError } from '../contract/failures.ts';
import { QUERY } from '../contract/names.ts';
import { readConversations } from '../state/conversations.ts';
import { defineOperation, type OperationContext } from './operation.ts';

export const conversations = defineOperation({
  name: 'conversations',
  description: 'Lists the conversations with the agent, the latest first: title, turns, times.',
  kind: 'reads',
  input: z.strictObject({ limit: z.number().int().positive().max(1000).default(20) }),
  async run({ paths }, { limit }): Promise<ConversationSummary[]> {
    using state = readConversations(paths.state);
    return state?.list(limit) ?? [];
  },
});

/** Most turns of a transcript. */
const MOST_TURNS = 1_000;

export const conversation = defineOperation({
  name: 'conversation',
  description: 'Tells one conversation with the agent: its turns with questions, answers and tool calls, and the turn that goes on.',
  kind: 'reads',
  input: z.strictObject({ conversation: ConversationId }),
  async run(context, { conversation: id }): Promise<Transcript> {
    const running = await ofRun(context, id);
    const stored = ofState(context, id);
    if (running === null && stored === null) throw new PivoError('NotFound', `there is no conversation "${id}"`, { hint: '`pivo conversations` lists them.' });
    if (running === null || stored === null) return (running ?? stored) as Transcript;
    const later = running.turns.filter(({ turn }) => !stored.turns.some((each) => each.turn === turn));
    return { ...running, turns: [...stored.turns, ...later] };
  },
});

/** Null when no run goes on, or PIVO does not: then the state database is all there is. */
async function ofRun(context: OperationContext, id: string): Promise<Transcript | null> {
  try {
    const handle = (await context.temporal()).workflow.getHandle(conversationWorkflowId(id));
    if ((await handle.describe()).status.name !== 'RUNNING') return null;
    return await handle.query<Transcript>(QUERY.transcript);
  } catch {
    return null;
  }
}

function ofState({ paths }: OperationContext, id: string): Transcript | null {
  using state = readConversations(paths.state);
  const found = state?.load(id, MOST_TURNS) ?? null;
  return found === null ? null : { conversation: id, title: found.title, turns: found.turns, current: null };
}

export const conversationFollow = defineOperation({
  name: 'conversation-follow',
  description: 'Tells a turn of a conversation as it goes on, and answers its result. To stop following leaves the turn as it is.',
  kind: 'reads',
  input: z.strictObject({ conversation: ConversationId, turn: TurnInput.shape.turn }),
  async run(context, { conversation: id, turn }, options): Promise<TurnResult> {
    const client = await context.temporal();
    const { watchTurn } = await import('./conversation-run.ts');
    return watchTurn(client, id, turn, options);
  },
});

export const conversationStop = defineOperation({
  name: 'conversation-stop',
  description: 'Stops the turn of a conversation that goes on; the conversation stays, and jobs that the turn started go on.',
  kind: 'starts',
  input: z.strictObject({
    conversation: ConversationId,
    /** Only this turn, also while it waits for another. */
    turn: StopInput.shape.turn,
  }),
  async run(context, { conversation: id, turn }): Promise<{ stopped: boolean }> {
    const client = await context.temporal();
    const { stopTurn } = await import('./conversation-run.ts');
    return { stopped: await stopTurn(client, id, turn) };
  },
});
