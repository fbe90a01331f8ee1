// Compares the options of a command with those that each tool's own help names, where the tool is installed.
import { commandsOf } from '../grade/commands.ts';
import { unwrapped } from '../grade/wrappers.ts';
import type { Argument } from '../grade/judgement.ts';
import type { Check } from './check.ts';
import { helpQuestion, type HelpQuestion } from './help.ts';
import { located, runProgram, type Environment } from './program.ts';

type Known = ReadonlySet<string>;

/** What each help named, by the question, for as long as the process lives. Null: the tool is not there, or has no help. */
const learnt = new Map<string, Promise<Known | null>>();

/** Fails for an option that the tool's help does not name; is skipped where no tool of the command could be asked. */
export async function checkFlags(command: string, env: Environment, signal: AbortSignal): Promise<Check> {
  const [asked, absent, wrong]: [Set<string>, Set<string>, string[]] = [new Set(), new Set(), []];
  for (const words of allWords(command)) {
    const question = helpQuestion(words);
    if (question === null || question.options.length === 0) continue;
    const known = await knownOptions(question, env, signal);
    (known === null ? absent : asked).add(question.program);
    if (known !== null) wrong.push(...question.options.filter((option) => !names(known, option)).map((option) => `${question.shown} has no ${option}`));
  }
  if (wrong.length > 0) return { name: 'flags', outcome: 'failed', says: wrong.join('; ') };
  if (asked.size > 0) return { name: 'flags', outcome: 'passed', says: `the help of ${[...asked].join(', ')} names each option` };
  return { name: 'flags', outcome: 'skipped', says: absent.size > 0 ? `${[...absent].join(', ')} cannot be asked here` : 'no tool of it is one that PIVO asks for its help' };
}

/** Each command of the line, those that wrappers run too. */
function allWords(command: string): readonly (readonly Argument[])[] {
  const inner = (words: readonly Argument[]): readonly (readonly Argument[])[] => {
    const [name, ...args] = words;
    const wrapped = typeof name === 'string' ? unwrapped(name, args, false) : null;
    return [words, ...(wrapped?.words ?? []).flatMap(inner)];
  };
  try {
    return commandsOf(command).commands.flatMap(({ words }) => inner(words));
  } catch {
    return [];
  }
}

/** `-rf` is known when `-r` and `-f` are; `-5` and `-n5` are numbers; `--name=x` is `--name`. */
function names(known: Known, option: string): boolean {
  const name = option.split('=')[0] ?? option;
  if (known.has(name) || /^-\d+$/.test(name)) return true;
  if (name.startsWith('--no-')) return known.has(`--${name.slice(5)}`);
  if (name.startsWith('--')) return false;
  const first = name.slice(0, 2);
  return known.has(first) && (/^-[A-Za-z]\d+$/.test(name) || !/^-[A-Za-z]+$/.test(name) || name.slice(1).split('').every((letter) => known.has(`-${letter}`)) || /^-[A-Z]/.test(name));
}

/** A question that was given up is asked again the next time. */
function knownOptions(question: HelpQuestion, env: Environment, signal: AbortSignal): Promise<Known | null> {
  const key = `${env['PATH'] ?? ''} ${question.program} ${question.args.join(' ')}`;
  const known = learnt.get(key) ?? ask(question, env, signal).finally(() => signal.aborted && learnt.delete(key));
  learnt.set(key, known);
  return known;
}

async function ask({ program, args, general }: HelpQuestion, env: Environment, signal: AbortSignal): Promise<Known | null> {
  const file = await located(program, env);
  if (file === null) return null;
  const said = await Promise.all([args, ...(general === undefined ? [] : [general])].map((each) => runProgram(file, each, env, signal)));
  const options = new Set(said.flatMap((ended) => optionsIn(ended?.text ?? '')));
  return options.size === 0 ? null : options;
}

/** `-x`, `--name`, `-name`; `--[no-]name` is both. */
function optionsIn(help: string): string[] {
  const text = help.replaceAll(/--\[no-\]([\w-]+)/g, '--$1 --no-$1');
  return [...text.matchAll(/(?<![\w-])--?[A-Za-z0-9][\w.-]*/g)].map(([option]) => option.replace(/[.-]+$/, ''));
}
