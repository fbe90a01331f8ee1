// The simple commands of a line of bash, wherever they stand: in pipes, loops, substitutions and quoted scripts.
import { parse } from 'unbash';
import type { Command, Redirect, Word } from 'unbash';

export interface FoundCommand {
  /** Name and arguments as the program gets them, quotes taken away; a word with an expansion is told as `null`. */
  words: readonly (string | null)[];
  /** Variables that are set for it alone. */
  variables: readonly string[];
  redirects: readonly Redirect[];
  /** Its input is another command's output, or text in the line. */
  piped: boolean;
}

export interface Reading {
  commands: FoundCommand[];
  /** What a line holds beside commands, and what could not be read at all. */
  strange: string[];
}

/** All commands of the line. What the parser does not understand is in `strange`. */
export function commandsOf(line: string): Reading {
  const reading: Reading = { commands: [], strange: [] };
  const script = parse(line);
  for (const error of script.errors ?? []) reading.strange.push(`it cannot be read: ${error.message}`);
  visit(script.commands, reading, false);
  return reading;
}

interface Typed {
  type?: string;
}

function visit(node: unknown, reading: Reading, piped: boolean): void {
  if (Array.isArray(node)) return node.forEach((each) => visit(each, reading, piped));
  if (typeof node !== 'object' || node === null) return undefined;
  const { type } = node as Typed;
  if (type === 'Command') take(node as Command, reading, piped);
  if (type === 'Function') reading.strange.push('it defines a function');
  if (type === 'Coproc') reading.strange.push('it starts a coprocess');
  if (type === 'Pipeline') return (node as unknown as { commands: unknown[] }).commands.forEach((each, index) => visit(each, reading, piped || index > 0));
  for (const each of Object.values(node)) visit(each, reading, piped);
  const { parts } = node as { parts?: unknown };
  if (parts !== undefined && !Object.hasOwn(node, 'parts')) visit(parts, reading, false);
}

function take({ name, prefix, suffix, redirects }: Command, reading: Reading, piped: boolean): void {
  const words = (name === undefined ? suffix : [name, ...suffix]).map(literal);
  const fed = piped || redirects.some(({ operator }) => operator.startsWith('<'));
  reading.commands.push({ words, variables: prefix.flatMap(({ name }) => name ?? []), redirects, piped: fed });
}

/** Null for a word whose text is known only when it runs. Globs and braces are told as they are. */
export function literal(word: Word): string | null {
  return (word.parts ?? []).some(isExpansion) ? null : word.value;
}

function isExpansion(part: { type: string; parts?: readonly unknown[] }): boolean {
  if (/Expansion$|Substitution$/.test(part.type) && part.type !== 'BraceExpansion') return true;
  return (part.parts ?? []).some((each) => isExpansion(each as { type: string }));
}
