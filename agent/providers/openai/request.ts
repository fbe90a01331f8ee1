// Maps what a model is asked to a request of the chat completions protocol.
import type { Message } from '../../../contract/conversation.ts';
import type { ModelRequest } from '../../model.ts';

interface FunctionCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: FunctionCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  tools?: { type: 'function'; function: { name: string; description: string; parameters: Record<string, unknown> } }[];
  stream: true;
  stream_options: { include_usage: true };
}

/** The request. Source: https://platform.openai.com/docs/api-reference/chat/create */
export function toChat({ instructions, messages, tools }: ModelRequest, model: string): ChatRequest {
  return {
    model,
    messages: [{ role: 'system', content: instructions }, ...messages.flatMap(messagesOf)],
    ...(tools.length === 0 ? {} : { tools: tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters: schemaOf(parameters) } })) }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Without the name of its dialect, which some servers take for a field of the tool. */
function schemaOf(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([word]) => word !== '$schema'));
}

function messagesOf(message: Message): ChatMessage[] {
  if (message.role === 'user') return [{ role: 'user', content: message.text }];
  if (message.role === 'tool') return [{ role: 'tool', tool_call_id: message.call, content: message.content }];
  const { text, calls } = message;
  if (text === '' && calls.length === 0) return [];
  return [{ role: 'assistant', content: text === '' ? null : text, ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }) }];
}

/** Arguments that were no JSON go back inside JSON: servers parse them for the model's template and refuse the rest. */
function callOf({ id, name, arguments: args }: { id: string; name: string; arguments: unknown }): FunctionCall {
  const value = typeof args === 'object' && args !== null ? args : { malformed: args };
  return { id, type: 'function', function: { name, arguments: JSON.stringify(value) } };
}
