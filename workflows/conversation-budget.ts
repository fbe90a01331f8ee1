// Keeps a conversation's messages within the budget: the oldest results of tools go first, then the oldest turns.
import type { Message } from '../contract/conversation.ts';

/** Most characters of JSON that a model step is given, and that a run hands on to the next one. */
export const MESSAGES_BUDGET = 300_000;

export const DROPPED_RESULT = JSON.stringify({ cut: 'This older result was dropped to keep the conversation small. Call the tool again for it.' });
export const DROPPED_TURNS = '[Earlier turns of this conversation were dropped to keep it small.]\n\n';

const sizeOf = (message: Message): number => JSON.stringify(message).length;
const total = (messages: readonly Message[]): number => messages.reduce((sum, message) => sum + sizeOf(message), 0);

/** True when the model itself has said so much that only its last word fits: no dropping of results makes room. */
export const saidEnough = (messages: readonly Message[]): boolean => total(messages.filter(({ role }) => role === 'assistant')) > MESSAGES_BUDGET;

/** The messages, unchanged where they fit. The last step's results and the last turn stay whatever they cost. */
export function withinBudget(messages: readonly Message[], budget = MESSAGES_BUDGET): Message[] {
  const kept = withoutOldResults(messages, budget);
  return total(kept) <= budget ? kept : withoutOldTurns(kept, budget);
}

function withoutOldResults(messages: readonly Message[], budget: number): Message[] {
  const lastStep = messages.findLastIndex(({ role }) => role === 'assistant');
  let excess = total(messages) - budget;
  return messages.map((message, at) => {
    if (excess <= 0 || at > lastStep || message.role !== 'tool' || message.content === DROPPED_RESULT) return message;
    const dropped: Message = { ...message, content: DROPPED_RESULT, cut: true };
    excess -= Math.max(0, sizeOf(message) - sizeOf(dropped));
    return dropped;
  });
}

/** Whole turns only: a provider refuses results without the calls that asked for them. */
function withoutOldTurns(messages: Message[], budget: number): Message[] {
  const starts = messages.flatMap(({ role }, at) => (role === 'user' ? [at] : []));
  const from = starts.find((start) => total(messages.slice(start)) <= budget) ?? starts.at(-1) ?? 0;
  const [first, ...rest] = messages.slice(from);
  if (from === 0 || first?.role !== 'user') return messages;
  return [{ ...first, text: first.text.startsWith(DROPPED_TURNS) ? first.text : DROPPED_TURNS + first.text }, ...rest];
}
