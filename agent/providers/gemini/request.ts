// Maps what a model is asked to a Gemini request (v1beta generateContent).
import type { Content, FunctionDeclaration, GenerateContentParameters, Part } from '@google/genai';
import type { Message } from '../../../contract/conversation.ts';
import type { ModelRequest, ToolDescription } from '../../model.ts';

type Assistant = Extract<Message, { role: 'assistant' }>;
type ToolResult = Extract<Message, { role: 'tool' }>;

/**
 * The request. Answers that Gemini gave go back part by part as they came, with their thought signatures and call ids;
 * those of other providers are told in Gemini's words.
 * Source: https://ai.google.dev/api/generate-content
 */
export function toGemini({ instructions, messages, tools }: ModelRequest, model: string): GenerateContentParameters {
  const ids = nativeIds(messages);
  return {
    model,
    contents: joined(messages.map((message) => contentOf(message, ids))),
    config: {
      systemInstruction: { parts: [{ text: instructions }] },
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools.map(declarationOf) }] }),
    },
  };
}

/** The parts of an answer that Gemini itself gave. */
export function nativeParts({ native }: Assistant): Part[] | undefined {
  return native?.provider === 'gemini' && Array.isArray(native.parts) ? (native.parts as Part[]) : undefined;
}

/** Gemini's own id of each call, by ours; undefined where it sent none, and then none may be sent back. */
function nativeIds(messages: readonly Message[]): Map<string, string | undefined> {
  const answers = messages.filter((message) => message.role === 'assistant');
  return new Map(
    answers.flatMap((answer) => {
      const given = nativeParts(answer)?.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
      return answer.calls.map(({ id }, at): [string, string | undefined] => [id, given === undefined ? id : given[at]?.id]);
    }),
  );
}

function contentOf(message: Message, ids: ReadonlyMap<string, string | undefined>): Content {
  if (message.role === 'user') return { role: 'user', parts: [{ text: message.text }] };
  if (message.role === 'tool') return { role: 'user', parts: [responseOf(message, ids.get(message.call))] };
  return { role: 'model', parts: nativeParts(message) ?? foreignParts(message) };
}

function foreignParts({ text, calls }: Assistant): Part[] {
  return [...(text === '' ? [] : [{ text }]), ...calls.map(({ id, name, arguments: args }): Part => ({ functionCall: { id, name, args: structOf(args, 'malformed') } }))];
}

/** A Struct: an object stays one, anything else goes under a name. */
function structOf(value: unknown, name: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { [name]: value };
}

function responseOf({ name, content, cut, failed }: ToolResult, id: string | undefined): Part {
  const value = cut ? content : jsonOr(content);
  return { functionResponse: { ...(id === undefined ? {} : { id }), name, response: { [failed ? 'error' : 'output']: value } } };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Neighbours of one role are one content: all answers to the calls of a step go back together. Contents without parts are refused, so they go. */
function joined(contents: readonly Content[]): Content[] {
  const result: { role: string; parts: Part[] }[] = [];
  for (const { role = 'user', parts = [] } of contents) {
    const last = result.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) result.push({ role, parts: [...parts] });
  }
  return result;
}

/** Keywords of JSON Schema that Gemini documents; the rest is checked by the tool all the same. */
const KEYWORDS = new Set(['type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems', 'minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required']);

function declarationOf({ name, description, parameters }: ToolDescription): FunctionDeclaration {
  return { name, description, parametersJsonSchema: documentedSchema(parameters) };
}

function documentedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(documentedSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).flatMap(([word, value]): [string, unknown][] => {
    if (word === 'const') return [['enum', [value]]];
    if (word === 'properties') return [[word, Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, documentedSchema(each)]))]];
    if (word === 'enum' || word === 'required') return [[word, value]];
    return KEYWORDS.has(word) ? [[word, documentedSchema(value)]] : [];
  });
  return Object.fromEntries(kept);
}
