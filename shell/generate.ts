// The answer to a request for a command: the catalogue's, or a model's where one is at hand, with its checks.
import { isPivoError } from '../contract/failures.ts';
import type { TextWriter } from '../contract/writer.ts';
import type { ShellCommand } from './answer.ts';
import type { Check } from './checks/check.ts';
import { checkFlags } from './checks/flags.ts';
import { ownEnvironment, type Environment } from './checks/program.ts';
import { checkSyntax, checkWithShellcheck } from './checks/syntax.ts';
import { alternativesOf, best, compose, nothingKnown } from './compose.ts';
import type { ShellTool } from './intent.ts';
import { writtenBy } from './written.ts';

export interface GenerateOptions {
  /** Only commands of this tool. */
  tool?: ShellTool | undefined;
  /** Asked first, where there is one. */
  writer?: TextWriter | undefined;
  /** Where the checking programs are looked for; this process's when it is not told. */
  env?: Environment;
  signal: AbortSignal;
}

/**
 * One command for the request. Never runs it: `bash -n` and shellcheck read it, and tools are asked for their help only.
 * Fails with InvalidInput for a request that is no line, and with NotFound when neither the catalogue nor a model knows one.
 */
export async function generateCommand(request: string, { tool, writer, env = ownEnvironment(), signal }: GenerateOptions): Promise<ShellCommand> {
  const composed = compose(request, tool);
  const check = (command: string): Promise<Check[]> => Promise.all([checkSyntax(command, env, signal), checkWithShellcheck(command, env, signal), checkFlags(command, env, signal)]);
  const known = best(composed);
  const note = writer === undefined ? undefined : await ask(writer);
  if (typeof note === 'object') return note;
  if (known === null) return nothingKnown();
  return { ...known, checks: await check(known.command), writtenBy: 'pivo', ...(note === undefined ? {} : { note }) };

  /** The model's answer, or why there is none. */
  async function ask(model: TextWriter): Promise<ShellCommand | string> {
    const facts = { request, tool, known: composed.slice(0, 5).map(({ command, explanation }) => ({ command, explanation })) };
    try {
      const written = await writtenBy(model, facts, check, signal);
      if ('refused' in written) return `${model.name} wrote a command that was not taken: ${written.refused}`;
      const { composed: own, checks } = written;
      return { ...own, examples: known?.examples ?? [], alternatives: alternativesOf(composed, own.command), checks, writtenBy: model.name };
    } catch (error) {
      if (!isPivoError(error) || signal.aborted) throw error;
      return `${model.name} could not be asked: ${error.message}`;
    }
  }
}
