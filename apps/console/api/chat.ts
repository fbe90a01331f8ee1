// Conversations with the agent: its list, one of them, and a turn whose answer streams in.
import type { TurnResult } from '../../../contract/conversation.ts';
import { ApiFailure, resource, send } from './client.ts';
import { eventsOf } from './events.ts';

/** A turn as far as it has come: the whole state each time. */
export interface TurnState {
  conversation: string;
  question: string;
  text: string;
  tools: TurnResult['tools'];
}

export interface Summary {
  conversation: string;
  title: string;
  turns: number;
  updated: string;
}

interface End {
  result?: TurnResult;
  failure?: ConstructorParameters<typeof ApiFailure>[1];
}

/** Asks, tells what comes meanwhile, and returns how the turn ended. Fails with an ApiFailure. */
export async function askAgent(question: string, conversation: string | undefined, onState: (state: Partial<TurnState>) => void, signal: AbortSignal): Promise<TurnResult> {
  const body = JSON.stringify({ question, ...(conversation === undefined ? {} : { conversation }), wait: true });
  const response = await send(resource(['chat']), { method: 'POST', body, signal, headers: { 'content-type': 'application/json', accept: 'text/event-stream' } });
  for await (const { event, data } of eventsOf(response)) {
    if (event === 'progress') onState((data as { turn?: Partial<TurnState> }).turn ?? {});
    if (event !== 'end') continue;
    const { result, failure } = data as End;
    if (result !== undefined) return result;
    throw new ApiFailure(500, failure ?? { kind: 'Internal', message: 'the turn ended without an answer' });
  }
  throw new ApiFailure(0, { kind: 'Unreachable', message: 'the connection dropped before the answer was there', hint: 'Open the conversation again: what it had is kept.' });
}
