// Every command line that documents, help texts, hints and the console show is one that `pivo` takes, and every command is in a document.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError, type Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../apps/cli/program.ts';
import { FAILURE_KINDS } from '../../contract/failures.ts';
import { documents, projectFiles, ROOT, type Document } from './documents.ts';

let all: Document[] = [];
beforeAll(async () => {
  all = await documents();
});

/** The program, whose commands parse and do nothing. */
function idle(): Command {
  const program = createProgram(new AbortController().signal, () => {});
  commandsOf(program).forEach((command) => command.action(() => {}));
  return program;
}

const commandsOf = (command: Command): Command[] => command.commands.flatMap((each) => (each.commands.length === 0 ? [each] : commandsOf(each)));
const nameOf = (command: Command): string => (command.parent?.parent ? `${nameOf(command.parent)} ` : '') + command.name();

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

/** The words of what a shell reads up to a comment, a pipe, a redirection or the next command. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [token, bare] of line.matchAll(/((?:[^\s"'#|;&<>]|(?<=\S)#|"[^"]*"|'[^']*')+)|#.*|[|;&<>].*/g)) {
    if (bare === undefined) return words;
    words.push(token.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) => double ?? single ?? ''));
  }
  return words;
}

/** `a|b` stands for both, `[X]` for X, `…` for what everybody knows: as sentences write commands. */
function spelledOut(line: string): string[] {
  const [all, one] = /(?<=[ \w-])([\w-]+(?:\|[\w-]+)+)/.exec(line) ?? [];
  if (all === undefined || one === undefined) return [line.replaceAll(/ \[(.+?)\](?= |$)/g, ' $1').replaceAll(/(^| )…(?= |$)/g, '')];
  return one.split('|').flatMap((each) => spelledOut(line.replace(all, each)));
}

/** A sentence may name a command without its arguments. */
const HALVES = ['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.optionMissingArgument', 'commander.help'];

/** Why `pivo` would not take a line; nothing: it would. */
async function complaints(line: string, accepted: readonly string[] = []): Promise<string[]> {
  return (await Promise.all(spelledOut(line).map(async (spelled) => {
    const program = idle();
    [program, ...program.commands, ...commandsOf(program)].forEach((command) => command.configureOutput({ writeOut: () => {}, writeErr: () => {} }));
    try {
      await program.parseAsync(wordsOf(spelled), { from: 'user' });
      return [];
    } catch (error) {
      const stands = accepted.length > 0 && /(unknown command 'X'|'[A-Z]+' is invalid)/.test((error as Error).message); // for a word that is filled in
      return !(error instanceof CommanderError) || error.exitCode === 0 || accepted.includes(error.code) || stands ? [] : [`pivo ${spelled}: ${error.message}`];
    }
  }))).flat();
}

const COMMAND = /^\s*(?:\$ )?(?:[A-Z_]+=\S* )*(?:\.\/)?pivo (?!…)(.+)$/;
const commandIn = (line: string): string[] => COMMAND.exec(line)?.slice(1) ?? [];

describe('a command line', () => {
  it('in a block of a document is one that pivo takes', async () => {
    const lines = all.flatMap(({ path, blocks }) => blocks.filter(({ language }) => ['', 'sh', 'console'].includes(language)).flatMap((block) => block.lines).flatMap(commandIn).map((line) => ({ path, line })));
    expect(lines.length).toBeGreaterThan(100);
    expect((await Promise.all(lines.map(async ({ path, line }) => (await complaints(line)).map((each) => `${path}: ${each}`)))).flat()).toEqual([]);
  });

  it('within a sentence has the commands and options that there are', async () => {
    const lines = all.flatMap(({ path, spans }) => spans.flatMap(commandIn).map((line) => ({ path, line })));
    expect(lines.length).toBeGreaterThan(100);
    expect((await Promise.all(lines.map(async ({ path, line }) => (await complaints(line, HALVES)).map((each) => `${path}: ${each}`)))).flat()).toEqual([]);
  });

  it('in a help text is one that pivo takes', async () => {
    const program = idle();
    const lines = [program, ...commandsOf(program)].flatMap((command) => helpOf(command).split('\n')).flatMap((line) => /^ {2}\$ (?:[A-Z_]+=\S* )*pivo (.*?)(?: {3,}.*)?$/.exec(line)?.[1] ?? []);
    expect(lines.length).toBeGreaterThan(100);
    expect((await Promise.all(lines.map((line) => complaints(line)))).flat()).toEqual([]);
  });

  it('in a hint or a page of the console has the commands and options that there are', async () => {
    const code = (await projectFiles()).filter((name) => /\.tsx?$/.test(name) && !/^(test|bench|docs)\//.test(name));
    const lines = (await Promise.all(code.map(async (path) => [...(await readFile(join(ROOT, path), 'utf8')).matchAll(/(?:\\?`|command="|>)pivo ([a-z][^`\\<"]*)/g)].map((match) => ({ path, line: (match[1] ?? '').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'X') }))))).flat();
    expect(lines.length).toBeGreaterThan(50);
    expect((await Promise.all(lines.map(async ({ path, line }) => (await complaints(line, HALVES)).map((each) => `${path}: ${each}`)))).flat()).toEqual([]);
  });
});

it('every command is in a document', () => {
  const told = all.filter(({ path }) => path !== 'CHANGELOG.md').flatMap(({ blocks, spans }) => [...blocks.flatMap(({ lines }) => lines), ...spans].flatMap(commandIn).flatMap(spelledOut));
  expect(commandsOf(idle()).map(nameOf).filter((name) => !told.some((line) => `${line} `.startsWith(`${name} `)))).toEqual([]);
});

it('every exit code is in docs/operations.md and in `pivo --help`', () => {
  const codes = [...new Set([0, 11, ...Object.values(FAILURE_KINDS).map(({ exitCode }) => exitCode)])];
  for (const text of [helpOf(idle()), all.find(({ path }) => path === 'docs/operations.md')?.text ?? '']) {
    const listed = [...(/Exit codes: ([^.]*)\./.exec(text)?.[1] ?? '').matchAll(/(?:^|,)\s*(\d+) /g)].map((match) => Number(match[1]));
    expect(codes.filter((code) => !listed.includes(code))).toEqual([]);
  }
});
