// Maps an answer of the chat completions protocol, whole or in pieces, to a model step.
import { z } from 'zod';
import type { Message, ModelStep, StepEnd, ToolCall } from '../../../contract/conversation.ts';
import { PivoError } from '../../../contract/failures.ts';
import { callIds } from '../call-ids.ts';

const CallPiece = z.looseObject({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish() }).nullish(),
});
const Delta = z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish(), tool_calls: z.array(CallPiece).nullish() });

/** A piece of a stream, or a whole answer of a server that does not stream; servers add fields of their own. */
export const ChatChunk = z.looseObject({
  model: z.string().nullish(),
  choices: z.array(z.looseObject({ delta: Delta.nullish(), message: Delta.nullish(), finish_reason: z.string().nullish() })).default([]),
  usage: z.looseObject({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});
export type ChatChunk = z.output<typeof ChatChunk>;
type CallPiece = z.output<typeof CallPiece>;

export interface AnswerContext {
  model: string;
  messages: readonly Message[];
  /** Makes an id for a call that came without. */
  newId(): string;
}

const wordsOf = ({ choices: [choice] }: ChatChunk): z.output<typeof Delta> => choice?.delta ?? choice?.message ?? {};

/** The words for people in a chunk. */
export const spokenText = (chunk: ChatChunk): string => wordsOf(chunk).content ?? wordsOf(chunk).refusal ?? '';

/**
 * The step of a whole answer. Arguments that are no JSON stay the string they were; calls of an answer that was cut or
 * blocked are dropped. Fails with Unavailable when nothing usable came: the next try is another sample.
 */
export function fromChat(chunks: readonly ChatChunk[], { model, messages, newId }: AnswerContext): ModelStep {
  const text = chunks.map(spokenText).join('');
  const calls = callsOf(chunks.flatMap((chunk) => wordsOf(chunk).tool_calls ?? []), callIds(messages, newId));
  const reason = chunks.map(({ choices: [choice] }) => choice?.finish_reason).findLast((reason) => reason !== undefined && reason !== null);
  const refused = chunks.some((chunk) => (wordsOf(chunk).refusal ?? '') !== '');
  const end = refused ? 'blocked' : endOf(reason, { text, calls });
  const usage = chunks.map(({ usage }) => usage).findLast((usage) => usage !== undefined && usage !== null);
  return {
    text,
    calls: end === 'tools' ? calls : [],
    end,
    usage: { input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0 },
    provider: 'openai',
    model: chunks.map(({ model }) => model).findLast((name) => name !== undefined && name !== null && name !== '') ?? model,
  };
}

function endOf(reason: string | undefined | null, { text, calls }: { text: string; calls: readonly ToolCall[] }): StepEnd {
  if (reason === 'content_filter') return 'blocked';
  if (reason === 'length') return 'length';
  if (reason === undefined || reason === null) throw new PivoError('Unavailable', 'the model server broke its answer off', { hint: 'Ask again.' });
  if (calls.length > 0) return 'tools';
  if (text.trim() !== '') return 'stop';
  throw new PivoError('Unavailable', `the model server answered nothing (${reason})`, { hint: 'Ask again.', facts: { finishReason: reason } });
}

interface PiecedCall {
  index: number | null;
  id: string | undefined;
  name: string;
  arguments: string | Record<string, unknown>;
}

/** Puts calls together. A piece goes on with the call of its index, unless it brings an id of its own: some servers give every call the index 0. */
function callsOf(pieces: readonly CallPiece[], idFor: (given: string | undefined) => string): ToolCall[] {
  const calls: PiecedCall[] = [];
  for (const { index = null, id, function: said } of pieces) {
    const given = id === null || id === '' ? undefined : id;
    const known = calls.findLast((call) => call.index === index && (given === undefined || call.id === given));
    const call = known !== undefined && !(index === null && said?.name) ? known : { index, id: given, name: '', arguments: '' };
    if (call !== known) calls.push(call);
    call.name ||= said?.name ?? '';
    const more = said?.arguments ?? '';
    call.arguments = typeof more === 'string' && typeof call.arguments === 'string' ? call.arguments + more : more;
  }
  return calls.map((call) => ({ id: idFor(call.id), name: call.name, arguments: parsed(call.arguments) }));
}

/** The JSON of arguments; none at all is an object without any. */
function parsed(text: string | Record<string, unknown>): unknown {
  if (typeof text !== 'string') return text;
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
