// Lets a model write the command: its text is read as JSON, checked and graded as any other, and mended once.
import { z } from 'zod';
import type { TextWriter } from '../contract/writer.ts';
import type { Composed } from './compose.ts';
import { commandsOf } from './grade/commands.ts';
import { grade } from './grade/grade.ts';
import { SHELL_TOOLS, type ShellTool } from './intent.ts';
import type { Check } from './checks/check.ts';

const Written = z.object({
  command: z.string().min(1).max(4_000),
  tool: z.enum(SHELL_TOOLS).optional(),
  explanation: z.string().min(1).max(2_000),
  parts: z.array(z.object({ text: z.string().max(4_000), meaning: z.string().max(500) })).max(40).default([]),
});

const INSTRUCTIONS = `You write one command line for bash that does what the request asks. Answer with one JSON object and nothing else:
{"command": "...", "tool": one of ${JSON.stringify(SHELL_TOOLS)}, "explanation": "one or two sentences", "parts": [{"text": "a piece of the command", "meaning": "..."}]}
One line without line breaks. Quote values in single quotes. Where the request does not tell a value, write a placeholder such as '<topic>' in single quotes; invent nothing.
Prefer what only reads. "known" holds commands that may fit already; "wrong" holds what was wrong with your last one. The command is shown to a person and never run by you.`;

export interface Facts {
  request: string;
  tool?: ShellTool | undefined;
  known: readonly Pick<Composed, 'command' | 'explanation'>[];
}

export type Checker = (command: string) => Promise<Check[]>;

/** The model's command with its checks; a sentence why it was not taken otherwise. One repair round. Fails as the writer does. */
export async function writtenBy(writer: TextWriter, facts: Facts, check: Checker, signal: AbortSignal): Promise<{ composed: Composed; checks: Check[] } | { refused: string }> {
  let wrong: string[] = [];
  for (let round = 0; round < 2; round++) {
    const text = await writer.write({ instructions: INSTRUCTIONS, facts: { ...facts, wrong } }, signal);
    const composed = read(text, facts);
    if ('refused' in composed) {
      wrong = [composed.refused];
      continue;
    }
    const checks = await check(composed.command);
    wrong = checks.flatMap(({ name, outcome, says }) => (outcome === 'failed' ? [`${name}: ${says}`] : []));
    if (wrong.length === 0) return { composed, checks };
  }
  return { refused: wrong.join('; ') };
}

function read(text: string, { tool }: Facts): Composed | { refused: string } {
  const parsed = Written.safeParse(jsonIn(text));
  if (!parsed.success) return { refused: 'the answer was not the JSON that was asked for' };
  const { command, explanation, parts } = parsed.data;
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F\u2028\u2029]/.test(command)) return { refused: 'the command had several lines or control characters' };
  const { risk, why } = grade(command);
  const missing = [...new Set([...command.matchAll(/<[a-z][a-z0-9 _-]*>/gi)].map(([place]) => place))];
  return { command, tool: tool ?? parsed.data.tool ?? toolOf(command), explanation, parts: parts.filter((part) => command.includes(part.text)), missing, examples: [], risk, riskWhy: why, alternatives: [] };
}

/** The object in the text; models like to put it into a fence. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  } catch {
    return null;
  }
}

function toolOf(command: string): ShellTool {
  const first = commandsOf(command).commands[0]?.words[0] ?? '';
  if (first.startsWith('kafka-')) return 'kafka';
  if (/^(?:hdfs|hadoop|yarn|mapred)$/.test(first)) return 'hadoop';
  if (/^(?:spark-|pyspark)/.test(first)) return 'spark';
  return first === 'git' || first === 'temporal' ? first : 'bash';
}
