// A text that a model wrote from the facts, held against them.
import type { DebugAnswer } from '../contract/diagnosis.ts';
import { isPivoError } from '../contract/failures.ts';
import type { TextWriter } from '../contract/writer.ts';

const INSTRUCTIONS = `Explain this failure to the engineer who asked, in Markdown, in at most 200 words.
Say the cause first, then what shows it, then what to check and what to run. Where "cause" is null, say that the cause is not known and what is missing; guess nothing.
Cite each line that you rely on as [link](link), with links of "evidence" only. Name no command that is not in "toRun".`;

const LINK = /\b(?:log:[0-9a-f]{4,}:\d+|(?:temporal|index):[^\s)\]]+)/g;
const CODE = /`([^`\n]+)`/g;
/** What begins a command, as far as one can be told from a name. */
const PROGRAMS = /^(?:\$ ?)?(?:sudo|rm|hdfs|hadoop|spark-\w+|kafka-[\w.-]+|git|temporal|airflow|pivo|yarn|kubectl|docker|curl|nc|ss|df|du|java|javap|jar|python3?|pip|ssh[\w-]*|openssl|systemctl|chmod|chown|kill|sh|bash) \S/;

/**
 * The answer in the writer's words; with the drafted text, which says so, where they claim what the facts do not hold, or where there are
 * none because the writer fails. Fails with the reason of the signal.
 */
export async function written(answer: DebugAnswer, writer: TextWriter, signal: AbortSignal): Promise<DebugAnswer> {
  const { text: drafted, writtenBy: _, ...facts } = answer;
  const without = (why: string): DebugAnswer => {
    const note = `The text of ${writer.name} was not used: ${why}.`;
    return { ...answer, text: `${drafted}\n\n${note}`, note };
  };
  try {
    const text = (await writer.write({ instructions: INSTRUCTIONS, facts }, signal)).trim();
    const wrong = objection(text, answer);
    return wrong === null ? { ...answer, text, writtenBy: writer.name } : without(wrong);
  } catch (error) {
    signal.throwIfAborted();
    if (!isPivoError(error)) throw error;
    return without(error.message);
  }
}

/** What a text claims without evidence; null where it keeps to the facts. */
export function objection(text: string, { evidence, others, toRun, cause }: Pick<DebugAnswer, 'evidence' | 'others' | 'toRun' | 'cause'>): string | null {
  if (text === '') return 'it was empty';
  const links = new Set([...evidence, ...others].map(({ link }) => link));
  const cited = text.match(LINK) ?? [];
  const unknown = cited.find((link) => !links.has(link));
  if (unknown !== undefined) return `it cites ${unknown}, which is no evidence`;
  if (cause !== null && cited.length === 0) return 'it cites no line';
  const checked = new Set(toRun.map(({ command }) => command));
  const named = [...[...text.matchAll(CODE)].map(([, code = '']) => code), ...fenced(text)];
  return named.some((code) => PROGRAMS.test(code) && !checked.has(code.replace(/^\$ ?/, ''))) ? 'it names a command that was not checked' : null;
}

/** Lines of code blocks. */
const fenced = (text: string): string[] => [...text.matchAll(/```[^\n]*\n([\s\S]*?)```/g)].flatMap(([, body = '']) => body.split('\n').map((line) => line.trim()));
