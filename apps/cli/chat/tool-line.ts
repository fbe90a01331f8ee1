// A tool call as one line: what was called with what, how long it took, how it failed.
import type { CalledTool } from '../../../contract/conversation.ts';
import { safeLine } from '../format.ts';
import type { Style } from '../session.ts';

const NARROWEST = 40;

/** Ends with a newline and fits the width. */
export function toolLine({ name, arguments: args, sql, state, failure, milliseconds }: CalledTool, style: Style, columns: number): string {
  const time = millisecondsText(milliseconds);
  const told = state === 'failed' ? `${failure?.kind ?? 'failed'}: ${safeLine(failure?.message ?? '')}` : (sql === undefined ? argumentsText(args) : safeLine(sql)).replace(/\s+/g, ' ');
  const room = Math.max(NARROWEST, columns - 1) - name.length - time.length - 6;
  const short = told.length > room ? `${told.slice(0, room - 1)}…` : told;
  const mark = state === 'failed' ? style.red('✗') : style.dim('·');
  return `${mark} ${style.dim(`${safeLine(name)}  ${short}  ${time}`)}\n`;
}

/** `340 ms`, `2.1 s`. */
export const millisecondsText = (milliseconds: number): string => (milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`);

function argumentsText(args: unknown): string {
  if (typeof args !== 'object' || args === null) return safeLine(JSON.stringify(args) ?? '');
  return Object.entries(args).map(([name, value]) => `${safeLine(name)}=${safeLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`).join(' ');
}
