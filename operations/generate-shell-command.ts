// Operation `generate-shell-command`: one command line for what is asked in plain words, explained, checked and graded; PIVO never runs it.
import { z } from 'zod';
import type { TextWriter } from '../contract/writer.ts';
import { redactTexts } from '../logs/redact.ts';
import type { ShellCommand } from '../shell/answer.ts';
import { generateCommand } from '../shell/generate.ts';
import { SHELL_TOOLS } from '../shell/intent.ts';
import { defineOperation, isMachine } from './operation.ts';

export type { ShellCommand } from '../shell/answer.ts';

export const generateShellCommand = defineOperation({
  name: 'generate-shell-command',
  description: 'Writes one command line for bash, git, Hadoop, Kafka, Spark or Temporal from plain words, explains its parts, checks it, and grades what it can do: reads, changes or destroys. It is never run.',
  kind: 'reads',
  input: z.strictObject({
    request: z.string().min(1).max(2_000).describe('What the command should do, in plain words; names with blanks in quotes.'),
    tool: z.enum(SHELL_TOOLS).optional().describe('Only commands of this tool.'),
    shell: z.literal('bash').default('bash'),
  }),
  /** A machine that asks has words of its own: it gets the catalogue's command. */
  run({ writer, caller }, { request, tool }, { signal }): Promise<ShellCommand> {
    const asked = writer === undefined || isMachine(caller) ? {} : { writer: withoutSecrets(writer) };
    return generateCommand(request, { tool, ...asked, signal });
  },
});

/** The writer, told nothing that looks like a secret. */
function withoutSecrets(writer: TextWriter): TextWriter {
  return { name: writer.name, write: (task, signal) => writer.write({ ...task, facts: redactTexts(task.facts) }, signal) };
}
