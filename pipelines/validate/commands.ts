// The commands of a script, and what their words make of them.
import { parse, type Command, type Node, type Script as Parsed, type Word } from 'unbash';
import { INTERPRETERS, PRINTERS, SHELLS } from './programs.ts';
import { scriptsIn, started, textGiven } from './words.ts';

/** True for programs that print every variable. */
export function dumps(program: string, args: readonly Word[]): boolean {
  const values = args.map(({ value }) => value);
  if (program === 'env' || program === 'printenv') return values.every((value) => value.startsWith('-') || /=/.test(value));
  if (program === 'set') return values.length === 0;
  return /^(?:export|declare|typeset|readonly)$/.test(program) && values.every((value) => /^-[a-zA-Z]*$/.test(value));
}

/** GitHub's own command that hides a value. */
export const isMask = (args: readonly Word[]): boolean => args.length === 1 && (args[0]?.value ?? '').startsWith('::add-mask::');

/** True for a program that runs what is on its stdin: a shell or interpreter without a file or code of its own. */
export function readsCode(program: string, args: readonly Word[]): boolean {
  if (!SHELLS.has(program) && !INTERPRETERS.has(program)) return program === '.' || program === 'source';
  const values = args.map(({ value }) => value);
  if (values.includes('-s') || values[0] === '-' || values[0] === '/dev/stdin') return true;
  return values.every((value) => value.startsWith('-') || value.startsWith('+')) && !values.some((value) => /^-[a-zA-Z]*[cemEpr]$|^--(?:version|help|eval|print)/.test(value) && !/^-[exuo]+$/.test(value));
}

/** The text that `echo`, `printf` or `cat <<E` gives to the next command of a pipe, as far as it is literal. */
export function textPrinted(node: Node | undefined): string {
  if (node?.type !== 'Command') return '';
  const { program, args } = started(node);
  if (program === 'cat') return textGiven(node.redirects);
  return PRINTERS.has(program) ? args.map(({ value }) => value.replaceAll('\\n', '\n')).join(' ') : '';
}

/** All commands below a node, those of substitutions left out. */
export function* commandsIn(node: unknown): Generator<Command> {
  if (Array.isArray(node)) for (const each of node) yield* commandsIn(each);
  else if (typeof node === 'object' && node !== null) {
    if ((node as { type?: string }).type === 'Command') yield node as Command;
    else for (const each of Object.values(node)) yield* commandsIn(each);
  }
}

/** Each command of a text, with those inside of substitutions. Fails with an Error for a text that cannot be read. */
export function commandsOf(text: string): Command[] {
  const found: Command[] = [];
  const visit = (node: Parsed): void => {
    for (const command of commandsIn(node.commands)) {
      found.push(command);
      for (const word of [...(command.name === undefined ? [] : [command.name]), ...command.suffix, ...command.prefix.flatMap(({ value }) => value ?? [])]) for (const { script } of scriptsIn(word)) visit(script);
    }
  };
  visit(parse(text));
  return found;
}
