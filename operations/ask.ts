// Operation `ask`: one turn of a conversation with the agent.
import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConversationId, Title, TurnInput, conversationWorkflowId, type TurnResult } from '../contract/conversation.ts';
import { readConversations } from '../state/conversations.ts';
import { defineOperation } from './operation.ts';
import { peopleOf } from './vault-door.ts';

/** What `wait: false` answers. */
export interface TurnBegun {
  conversation: string;
  turn: string;
  workflowId: string;
}

export const ask = defineOperation({
  name: 'ask',
  description: 'Asks the agent: one turn of a conversation, a new one when none is given; the answer says which tools were called. The agent reads, and may ask for backups and restores; it cannot approve.',
  kind: 'starts',
  input: z.strictObject({
    question: TurnInput.shape.text,
    conversation: ConversationId.optional(),
    /** A title for the conversation; without one, its first question shortened. */
    title: Title.optional(),
    /** The asker's name for this turn: sent twice, it runs once. */
    turn: TurnInput.shape.turn.optional(),
    /** Most model steps. */
    rounds: TurnInput.shape.rounds,
    wait: z.boolean().default(true),
  }),
  async run(context, { question, conversation = newConversationId(), title, turn = randomUUID(), rounds, wait }, options): Promise<TurnResult | TurnBegun> {
    const { user, via } = context.caller;
    readConversations(context.paths.state)?.[Symbol.dispose](); // the agent cannot run over a damaged one: say so rather than wait for it
    const client = await context.temporal();
    const people = await peopleOf(context);
    const hidden = (text: string): string => people?.text(text) ?? text; // the index knows tokens only, and so does who answers
    const { beginTurn, followTurn } = await import('./conversation-run.ts');
    const input: TurnInput = { turn, text: hidden(question), rounds, speaker: { user, via: via === 'cli' || via === 'server' ? via : 'agent' }, ...(title === undefined ? {} : { title: hidden(title) }) };
    if (wait) return followTurn(client, conversation, input, options);
    await beginTurn(client, conversation, input);
    return { conversation, turn, workflowId: conversationWorkflowId(conversation) };
  },
});

/** Day and chance: sorts by time, and is short enough to be typed. */
const newConversationId = (): string => `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
