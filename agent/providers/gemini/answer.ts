// Maps Gemini's answer, a stream of parts, to a model step.
import type { GenerateContentResponse, Part } from '@google/genai';
import type { Message, ModelStep, StepEnd, ToolCall } from '../../../contract/conversation.ts';
import { PivoError } from '../../../contract/failures.ts';
import { callIds } from '../call-ids.ts';

/** What is read of a response; the rest of it is Gemini's own. */
export type Chunk = Pick<GenerateContentResponse, 'candidates' | 'promptFeedback' | 'usageMetadata' | 'modelVersion'>;

export interface AnswerContext {
  model: string;
  messages: readonly Message[];
  /** Makes an id for a call that came without. */
  newId(): string;
}

/** Reasons to end that mean: there is more, or something else, that Gemini will not say. */
const BLOCKED = new Set(['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION']);

/** The words for people in a chunk: thoughts are none. */
export function spokenText({ candidates }: Chunk): string {
  return spoken(candidates?.[0]?.content?.parts ?? []);
}

/**
 * The step of a whole answer. Calls of an answer that was cut or blocked are dropped: nobody may run half a call.
 * A reason to end that is not known counts as an ordinary end when something was said.
 * Fails with Unavailable when nothing usable came: the next try is another sample.
 */
export function fromGemini(chunks: readonly Chunk[], { model, messages, newId }: AnswerContext): ModelStep {
  const parts = joinedText(chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []));
  const reason = chunks.map(({ candidates }) => candidates?.[0]?.finishReason).findLast((reason) => reason !== undefined);
  const refused = chunks.some(({ promptFeedback }) => promptFeedback?.blockReason !== undefined);
  const calls = callsOf(parts, callIds(messages, newId));
  const text = spoken(parts);
  const end = endOf(reason, refused, { text, calls });
  const whole = end === 'stop' || end === 'tools';
  return {
    text,
    calls: whole ? calls : [],
    ...(whole ? { native: { provider: 'gemini', parts } } : {}),
    end,
    usage: usageOf(chunks),
    provider: 'gemini',
    model: chunks.map(({ modelVersion }) => modelVersion).findLast((version) => version !== undefined) ?? model,
  };
}

function endOf(reason: string | undefined, refused: boolean, { text, calls }: { text: string; calls: readonly ToolCall[] }): StepEnd {
  if (refused || (reason !== undefined && BLOCKED.has(reason))) return 'blocked';
  if (reason === 'MAX_TOKENS') return 'length';
  if (reason === undefined) throw new PivoError('Unavailable', 'gemini broke its answer off', { hint: 'Ask again.' });
  if (calls.length > 0) return 'tools';
  if (text !== '') return 'stop';
  throw new PivoError('Unavailable', `gemini answered nothing (${reason})`, { hint: 'Ask again.', facts: { finishReason: reason } });
}

function callsOf(parts: readonly Part[], idFor: (given: string | undefined) => string): ToolCall[] {
  return parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [{ id: idFor(functionCall.id), name: functionCall.name ?? '', arguments: functionCall.args ?? {} }]));
}

const spoken = (parts: readonly Part[]): string => parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join('');

const isPlain = (part: Part | undefined): part is { text: string } => part !== undefined && Object.keys(part).join() === 'text';

/** Parts as received, but a text that came in pieces is one part again; a part that holds anything beside text stays alone. */
function joinedText(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (isPlain(part) && isPlain(last)) result[result.length - 1] = { text: last.text + part.text };
    else if (!isPlain(part) || part.text !== '') result.push(part);
  }
  return result;
}

/** Counts grow from chunk to chunk: the last ones are the answer's. Thoughts are paid as output. */
function usageOf(chunks: readonly Chunk[]): ModelStep['usage'] {
  const last = chunks.map(({ usageMetadata }) => usageMetadata).findLast((usage) => usage !== undefined);
  return { input: (last?.promptTokenCount ?? 0) + (last?.toolUsePromptTokenCount ?? 0), output: (last?.candidatesTokenCount ?? 0) + (last?.thoughtsTokenCount ?? 0) };
}
