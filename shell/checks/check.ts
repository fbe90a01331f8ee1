// A check of a command, and how its outcome is told. No check ever runs the command.

export interface Check {
  name: 'syntax' | 'shellcheck' | 'flags';
  outcome: 'passed' | 'failed' | 'skipped';
  says: string;
}
