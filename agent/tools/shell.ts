// Tool `generate_shell_command`: a command line for a person to run.
import type { ShellCommand } from '../../operations/generate-shell-command.ts';
import type { Tool } from './tool.ts';

export const generateShellCommand: Tool = {
  name: 'generate_shell_command',
  aliases: [],
  operation: 'generate-shell-command',
  kind: 'reads',
  fixed: { shell: 'bash' },
  note: 'Show the command in a code block with its risk and every placeholder that is missing; neither you nor PIVO runs it.',
  answer: (value) => ({ value: value as ShellCommand, list: 'alternatives' }),
};
