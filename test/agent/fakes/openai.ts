// A chat completions server on loopback: requests are checked by a strict schema of what is sent of the published API.
import { z } from 'zod';
import { startFake, type FakeProvider, type Reply } from './server.ts';

const JsonText = z.string().refine((text) => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}, 'arguments are the text of a JSON object');
const FunctionName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const ToolCall = z.strictObject({ id: z.string().min(1), type: z.literal('function'), function: z.strictObject({ name: FunctionName, arguments: JsonText }) });
const ChatMessage = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({ role: z.literal('assistant'), content: z.string().min(1).nullable(), tool_calls: z.array(ToolCall).min(1).optional() }).refine(({ content, tool_calls: calls }) => content !== null || calls !== undefined, 'content or calls'),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string() }),
]);

/** Source: https://platform.openai.com/docs/api-reference/chat/create */
const ChatRequest = z
  .strictObject({
    model: z.string().min(1),
    messages: z.array(ChatMessage).min(1),
    tools: z.array(z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: FunctionName, description: z.string(), parameters: z.looseObject({ type: z.literal('object') }) }) })).min(1).max(128).optional(),
    stream: z.literal(true),
    stream_options: z.strictObject({ include_usage: z.literal(true) }),
  })
  .check(({ value, issues }) => {
    const open = new Set<string>();
    for (const message of value.messages) {
      if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) open.add(id);
      else if (message.role === 'tool' && !open.delete(message.tool_call_id)) issues.push({ code: 'custom', message: `a result of no call: ${message.tool_call_id}`, input: message });
    }
    if (open.size > 0) issues.push({ code: 'custom', message: `calls without results: ${[...open].join()}`, input: value });
  });

export function startOpenai(): Promise<FakeProvider> {
  return startFake({
    request({ path, body }) {
      const found = ChatRequest.safeParse(body);
      return [...(path === '/v1/chat/completions' ? [] : [`no call of the protocol: ${path}`]), ...(found.success ? [] : [z.prettifyError(found.error)])];
    },
    reply: () => [],
    last: 'data: [DONE]\n\n',
  });
}

type Delta = Record<string, unknown>;

/** An answer in pieces, then why it ended, then what it cost. */
export function chatAnswer(deltas: Delta[], finish: string | null = 'stop'): Reply {
  const chunk = (rest: object): object => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'test-model-1', ...rest });
  return {
    events: [
      ...deltas.map((delta) => chunk({ choices: [{ index: 0, delta, finish_reason: null }] })),
      ...(finish === null ? [] : [chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] }), chunk({ choices: [], usage: { prompt_tokens: 50, completion_tokens: 7, total_tokens: 57 } })]),
    ],
  };
}

/** A piece of a call. */
export const callPiece = (index: number, rest: { id?: string; name?: string; arguments?: unknown }): Delta => ({
  tool_calls: [{ index, ...(rest.id === undefined ? {} : { id: rest.id, type: 'function' }), function: { ...(rest.name === undefined ? {} : { name: rest.name }), ...(rest.arguments === undefined ? {} : { arguments: rest.arguments }) } }],
});
