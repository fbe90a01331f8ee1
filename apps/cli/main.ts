// Entry of `pivo`: reads the command line, runs one command, prints its failure.
import { CommanderError, type Command } from 'commander';
import { PivoError } from '../../contract/failures.ts';
import { useColour } from '../../colour.ts';
import { exitCodeOf, failureText, reportOf } from './failure.ts';
import { createProgram } from './program.ts';

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function signalOfPerson(): AbortSignal {
  const stop = new AbortController();
  for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(code);
      stop.abort(new PivoError('Cancelled', 'cancelled'));
    });
  }
  return stop.signal;
}

/** A reader that has seen enough (`pivo log execa | head`) is no failure. */
function endQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}

async function run(args: readonly string[]): Promise<number> {
  const exit = { code: 0 };
  const program = createProgram(signalOfPerson(), (code) => (exit.code = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit.code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version were asked for
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodeOf({ kind: 'InvalidInput', message: '' }); // no command was named: help was shown instead
    const report = error instanceof CommanderError ? usageFailure(error, commandOf(program, args)) : reportOf(error);
    process.stderr.write(failureText(report, args.includes('--json'), useColour(process.stderr)));
    return exitCodeOf(report);
  }
}

/** The words that name a command, as far as they do: `spool put `. */
function commandOf(program: Command, args: readonly string[]): string {
  const [word, ...rest] = args.filter((each) => !each.startsWith('-'));
  const next = program.commands.find((each) => each.name() === word || each.aliases().includes(word ?? ''));
  return next === undefined ? '' : `${next.name()} ${commandOf(next, rest)}`;
}

function usageFailure(error: CommanderError, command: string): ReturnType<PivoError['report']> {
  return new PivoError('InvalidInput', error.message.replace(/^error: /, '').replaceAll('\n', ' '), { hint: `See \`pivo ${command}--help\`.` }).report();
}

endQuietlyWithoutReader();
process.exit(await run(process.argv.slice(2)));
