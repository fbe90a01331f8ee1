// What is answered to a request for a command.
import type { Check } from './checks/check.ts';
import type { Risk, ShellTool } from './intent.ts';
import type { Part } from './render.ts';

export interface Example {
  /** In plain words. */
  says: string;
  command: string;
}

export interface ShellCommand {
  /** One line for bash. Places without a value hold a placeholder such as `'<topic>'`. */
  command: string;
  tool: ShellTool;
  explanation: string;
  parts: Part[];
  examples: Example[];
  /** What the line can do at worst, found in the line itself. */
  risk: Risk;
  riskWhy: string;
  checks: Check[];
  /** Placeholders that a person fills in before it can run. */
  missing: string[];
  /** Other commands that the request may mean, the likeliest first. */
  alternatives: { command: string; explanation: string; risk: Risk }[];
  writtenBy: string;
  /** Why a text of the model was not taken. */
  note?: string;
}
