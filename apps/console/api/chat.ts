// Conversations with the agent: a turn is begun by one request and followed by another, so that leaving the page stops nothing.
import type { Transcript, TurnProgress, TurnResult } from '../../../contract/conversation.ts';
import type { TurnBegun } from '../../../operations/ask.ts';
import { ApiFailure, get, post, resource } from './client.ts';
import { follow, type StreamState } from './events.ts';

/** Begins a turn, in a new conversation when none is given. Fails with an ApiFailure. */
export const beginTurn = (question: string, conversation: string | undefined): Promise<TurnBegun> =>
  post<TurnBegun>(['chat'], { question, ...(conversation === undefined ? {} : { conversation }), wait: false });

export const transcriptOf = (conversation: string, signal?: AbortSignal): Promise<Transcript> => get<Transcript>(['chat', 'history', conversation], {}, signal);

export const stopTurn = ({ conversation, turn }: Pick<TurnProgress, 'conversation' | 'turn'>): Promise<unknown> => post(['chat', 'stop', conversation], { turn });

export interface FollowedTurn {
  onProgress(progress: TurnProgress): void;
  onState(state: StreamState): void;
  signal: AbortSignal;
}

interface End {
  result?: TurnResult;
  failure?: ConstructorParameters<typeof ApiFailure>[1];
}

/** Follows a turn to its end, over lost connections; null when the signal ended it. Fails with an ApiFailure. */
export async function followTurn({ conversation, turn }: Pick<TurnProgress, 'conversation' | 'turn'>, { onProgress, onState, signal }: FollowedTurn): Promise<TurnResult | null> {
  let end: End = {};
  await follow(resource(['chat', 'history', conversation, 'turns', turn, 'events']), {
    onState,
    signal,
    onEvent({ event, data }) {
      if (event === 'end') end = data as End;
      else if (event === 'progress') onProgress((data as { turn: TurnProgress }).turn);
    },
  });
  if (end.failure !== undefined) throw new ApiFailure(500, end.failure);
  return end.result ?? null;
}
