// What a conversation asked a person to approve.
import { ConversationId } from '../contract/conversation.ts';
import { readConversations } from '../state/conversations.ts';
import type { OperationContext } from './operation.ts';

/** Turns that are looked through, the latest. */
const MOST_TURNS = 1_000;

/** The run with this plan that a conversation's tools asked for; null where `id` is no conversation's, or it asked for no such plan. */
export function askedForIn({ paths }: Pick<OperationContext, 'paths'>, id: string, planHash: string): string | null {
  if (!ConversationId.safeParse(id).success) return null;
  using state = readConversations(paths.state);
  const tools = state?.load(id, MOST_TURNS)?.turns.flatMap((turn) => turn.tools) ?? [];
  return tools.findLast(({ approval }) => approval?.planHash === planHash)?.approval?.workflowId ?? null;
}
