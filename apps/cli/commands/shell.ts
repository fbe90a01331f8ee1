// `shell`: one command line for what is asked in plain words; never run by PIVO.
import type { Command } from 'commander';
import type { ShellCommand } from '../../../operations/generate-shell-command.ts';
import { fields, safeLine } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

export function addShellCommand(program: Command, act: Act): void {
  program
    .command('shell')
    .description('write a command line from plain words, with its risk; PIVO does not run it')
    .argument('<request>', 'what the command should do; names with blanks in quotes')
    .option('--tool <tool>', 'only commands of bash, git, hadoop, kafka, spark or temporal')
    .option(...JSON_OPTION)
    .addHelpText('after', `\nWhere stdout is no terminal it gets the command alone; the rest goes to stderr.\n${example('pivo shell "find files larger than 100 MB in /var/log"', 'pivo shell "lag of consumer group billing on kafka:9092"', 'pivo shell "undo the last commit" | pbcopy')}`)
    .action(act(async (session, request: string, { tool }: { tool?: string }) => {
      const found = await session.call<ShellCommand>('generate-shell-command', { request, ...(tool === undefined ? {} : { tool }) });
      if (session.json) return session.answer(found, () => '');
      await session.print(`${safeLine(found.command)}\n`);
      const told = `\n${toldOf(found, session.style)}`;
      if (process.stdout.isTTY) return session.print(told);
      session.note(told);
    }));
}

const MARKS = { passed: '✓', failed: '✗', skipped: '-' } as const;

function toldOf({ tool, explanation, parts, missing, risk, riskWhy, checks, alternatives, writtenBy, note }: ShellCommand, style: Style): string {
  const paint = { reads: style.green, changes: style.yellow, destroys: style.red }[risk];
  const head = fields([
    ['Does', safeLine(explanation)],
    ['Risk', `${paint(risk)}: ${safeLine(riskWhy)}`],
    ['Fill in', missing.length === 0 ? null : style.yellow(missing.map(safeLine).join('  '))],
    ['Tool', tool],
    ['Written by', writtenBy === 'pivo' && note === undefined ? null : `${safeLine(writtenBy)}${note === undefined ? '' : ` (${safeLine(note)})`}`],
  ]);
  const pieces = parts.map(({ text, meaning }) => `  ${style.bold(safeLine(text))}\n      ${safeLine(meaning)}\n`).join('');
  const checked = checks.map(({ name, outcome, says }) => `  ${MARKS[outcome]} ${name}: ${safeLine(says)}\n`).join('');
  const others = alternatives.length === 0 ? '' : `\n${style.bold('Or did you mean')}\n${alternatives.map((each) => `  ${safeLine(each.command)}\n      ${style.dim(`${each.risk}: ${safeLine(each.explanation)}`)}\n`).join('')}`;
  return `${head}\n${pieces}\n${checked}${others}`;
}
