// Ids of tool calls: each is unique in its conversation, whatever the provider sends.
import type { Message } from '../../contract/conversation.ts';

/**
 * Gives each call of an answer its id: the provider's own where it is new, else a made one. Some servers count
 * from 0 in every answer or send none, and a call that has another's id would be taken for that one tried again.
 */
export function callIds(messages: readonly Message[], newId: () => string): (given: string | undefined) => string {
  const used = new Set(messages.flatMap((message) => (message.role === 'assistant' ? message.calls.map(({ id }) => id) : [])));
  return (given) => {
    const id = given === undefined || given === '' || used.has(given) ? newId() : given;
    used.add(id);
    return id;
  };
}
