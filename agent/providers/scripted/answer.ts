// Finds the question that was asked and takes its script one step further.
import type { Message, ToolCall } from '../../../contract/conversation.ts';
import type { ModelRequest } from '../../model.ts';
import { paragraphs } from './markdown.ts';
import { plainQuestion, type Question, type Words } from './question.ts';
import { BACKUPS } from './questions/backups.ts';
import { CHANGES, POINTS } from './questions/changes.ts';
import { CI } from './questions/ci.ts';
import { FAILURES } from './questions/failures.ts';
import { FILES } from './questions/files.ts';
import { PEOPLE } from './questions/people.ts';
import { PIPELINES } from './questions/pipelines.ts';
import { SHELL } from './questions/shell.ts';
import { TUNING } from './questions/tuning.ts';
import { restorePlaces, WHERE_TO, WORK } from './questions/work.ts';
import { replay, stepsSince, ToolFailed } from './script.ts';

/** All questions; the first that matches is the one. */
export const QUESTIONS: readonly Question[] = [...SHELL, ...CI, ...TUNING, ...FAILURES, ...WORK, ...POINTS, ...PEOPLE, ...BACKUPS, ...FILES, ...PIPELINES, ...CHANGES];

const CONFIGURE = 'With a language model I answer anything: set `GEMINI_API_KEY`, or `PIVO_LLM=openai` with `OPENAI_BASE_URL` and `PIVO_LLM_MODEL` (Ollama, NIM, vLLM), and start PIVO again.';

/** The list that `help` shows. */
export function help(): string {
  return paragraphs('No language model is configured; I know these questions by their words:', QUESTIONS.map(({ example }) => `- ${example}`).join('\n'), CONFIGURE);
}

/**
 * The next calls or the answer: a pure function of the messages. Only what the person said chooses; nothing that a tool
 * answered is read as words.
 */
export function nextOf({ messages, tools }: Pick<ModelRequest, 'messages' | 'tools'>): { calls: ToolCall[] } | { answer: string } {
  const found = questionIn(messages);
  if (found === null) return { answer: help() };
  const next = told(() => replay(found.question.script(found.words), stepsSince(messages)));
  if ('answer' in next) return next;
  const lacking = next.calls.find(({ name }) => !tools.some((tool) => tool.name === name));
  if (lacking === undefined) return next;
  return { answer: tools.length === 0 ? 'I could not finish: this turn allows no more calls.' : `I cannot answer that here: the tool ${lacking.name} is not offered.` };
}

/** A call that failed is an answer too. */
function told(run: () => ReturnType<typeof replay>): ReturnType<typeof replay> {
  try {
    return run();
  } catch (error) {
    if (error instanceof ToolFailed) return { answer: paragraphs(error.message, error.hint) };
    throw error;
  }
}

const isHelp = (text: string): boolean => /^(?:help|hello|hi|hey|\?|what can (?:you|i) (?:do|answer|ask)(?: you)?)?$/i.test(text);

function questionIn(messages: readonly Message[]): { question: Question; words: Words } | null {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const text = textOf(messages[last]);
  return isHelp(plainQuestion(text)) ? null : (match(text) ?? withTarget(messages.slice(0, last), text));
}

const textOf = (message: Message | undefined): string => (message?.role === 'user' ? message.text : '');

function match(text: string): { question: Question; words: Words } | null {
  const plain = plainQuestion(text);
  for (const question of QUESTIONS) {
    for (const pattern of question.patterns) {
      const found = pattern.exec(question.verbatim === true ? text : plain);
      if (found !== null) return { question, words: { ...found.groups } };
    }
  }
  return null;
}

/** The answer to "where to?": the wish before it, with this target. */
function withTarget(before: readonly Message[], text: string): { question: Question; words: Words } | null {
  const last = before.at(-1);
  const target = plainQuestion(text).replace(/^(?:to|at|into|in) /i, '');
  if (last?.role !== 'assistant' || !last.text.startsWith(WHERE_TO) || restorePlaces(`to ${target}`).target !== target) return null;
  return match(`${plainQuestion(textOf(before.findLast(({ role }) => role === 'user')))} at ${target}`);
}
