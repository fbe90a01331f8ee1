// Marks one answer against what its question expects.
import { isDeepStrictEqual } from 'node:util';
import { tools } from '../../agent/tools/index.ts';
import type { ModelProvider } from '../../agent/model.ts';
import type { ArchiveWithIndex } from './archive-with-index.ts';
import { oneTurn, type OneTurn } from './one-turn.ts';
import type { AskedQuestion } from './questions/question.ts';

export interface Mark extends Pick<OneTurn, 'answer' | 'calls'> {
  question: string;
  /** What is missing or too much; empty when the answer is right. */
  wrong: string[];
}

/** Asks one question and marks the answer. */
export async function mark(provider: ModelProvider, archive: ArchiveWithIndex, asked: AskedQuestion): Promise<Mark> {
  const question = await filled(archive, asked.ask);
  const { answer, calls } = await oneTurn(provider, archive.context, question);
  const said = plain(answer);
  const values = asked.sql === undefined ? [] : (await archive.rows(asked.sql)).flatMap((row) => Object.values(row));
  if (asked.sql !== undefined && values.length === 0) throw new Error(`nothing is expected of "${question}": ${asked.sql}`);
  const missing = [...values.filter((value) => !holds(said, value)), ...(asked.includes ?? []).filter((text) => !said.includes(text))].map((value) => `the answer lacks ${String(value)}`);
  const wanted = await Promise.all((asked.calls ?? []).map(async ({ name, arguments: args = {} }) => ({ name, args: await filledAll(archive, args) })));
  const uncalled = wanted.filter(({ name, args }) => !calls.some((call) => toolName(call.name) === name && Object.entries(args).every(([key, value]) => isDeepStrictEqual((call.arguments as Record<string, unknown>)[key], value))));
  const tooMuch = calls.filter(({ name }) => asked.never?.includes(toolName(name)) === true);
  return { question, answer, calls, wrong: [...missing, ...uncalled.map(({ name, args }) => `${name} was not called with ${JSON.stringify(args)}`), ...tooMuch.map(({ name }) => `${name} was called`)] };
}

const toolName = (name: string): string => tools.find(({ aliases }) => aliases.includes(name))?.name ?? name;

/** An answer without Markdown's escapes and without marks between thousands. */
const plain = (answer: string): string => answer.replaceAll(/\\(?=[\\|`*_[\]<>])/g, '').replaceAll(/(?<=\d),(?=\d{3}\b)/g, '');

function holds(said: string, value: unknown): boolean {
  const text = String(value);
  if (typeof value === 'number') return new RegExp(String.raw`(?<![\d.])${text}(?![\d.]*\d)`).test(said);
  if (/^[0-9a-f]{40}$/.test(text)) return said.includes(text.slice(0, 7));
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return said.includes(text.slice(0, 10));
  return said.includes(text.length > 100 ? text.slice(0, 100) : text);
}

/** Puts values of the index where a text asks for them. */
async function filled({ rows }: ArchiveWithIndex, text: string): Promise<string> {
  const sql = /\{(SELECT [^}]+)\}/.exec(text)?.[1];
  if (sql === undefined) return text;
  return text.replace(`{${sql}}`, String(Object.values((await rows(sql))[0] ?? {})[0]));
}

async function filledAll(archive: ArchiveWithIndex, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  return Object.fromEntries(await Promise.all(Object.entries(args).map(async ([key, value]): Promise<[string, unknown]> => [key, typeof value === 'string' ? await filled(archive, value) : value])));
}
