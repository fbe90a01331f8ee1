// A script: calls of tools and then an answer, told anew from the results so far at each step.
import type { Message, ToolCall } from '../../../contract/conversation.ts';

export interface WantedCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** What a call gave: the parsed JSON, which names in its member `cut` what is missing. */
export interface ToolResult {
  value: unknown;
}

/** Yields the calls of one step, is handed their results in that order, returns the answer as Markdown. */
export type Script<Answer = string> = Generator<WantedCall[], Answer, ToolResult[]>;

/** Thrown into a script at the step of which a call failed. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** One call; its value. */
export function* use(name: string, args: Record<string, unknown>): Script<unknown> {
  const [result] = yield [{ name, arguments: args }];
  return result?.value;
}

/** The steps of a turn that are done: each assistant message with calls, and the results of these. */
export type Step = Extract<Message, { role: 'tool' }>[];

/** The steps after the last question. */
export function stepsSince(messages: readonly Message[]): Step[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
  const results = new Map(since.flatMap((message) => (message.role === 'tool' ? [[message.call, message] as const] : [])));
  return since.flatMap((message) => {
    if (message.role !== 'assistant' || message.calls.length === 0) return [];
    return [message.calls.flatMap(({ id }) => results.get(id) ?? [])];
  });
}

/**
 * Runs a script through the steps that are done: the calls of the step after them, or the answer.
 * A script is deterministic, so the same results lead it the same way each time.
 */
export function replay(script: Script, steps: readonly Step[]): { calls: ToolCall[] } | { answer: string } {
  let next = script.next();
  for (const step of steps) {
    if (next.done === true) break;
    const failed = step.find((result) => result.failed);
    next = failed === undefined ? script.next(step.map(resultOf)) : script.throw(failureOf(failed.content));
  }
  if (next.done === true) return { answer: next.value };
  return { calls: next.value.map((call, at) => ({ id: `step-${steps.length + 1}-${at + 1}`, ...call })) };
}

const resultOf = ({ content }: { content: string }): ToolResult => ({ value: parsed(content) });

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

function failureOf(content: string): ToolFailed {
  const { failure } = (parsed(content) ?? {}) as { failure?: { message?: unknown; hint?: unknown } };
  const { message, hint } = failure ?? {};
  return new ToolFailed(typeof message === 'string' ? message : content.slice(0, 500), typeof hint === 'string' ? hint : undefined);
}
