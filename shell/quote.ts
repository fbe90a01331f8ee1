// Quotes values for the shell: whatever a value holds, it stays one word.
import { PivoError } from '../contract/failures.ts';

/** Characters that no POSIX shell gives a meaning anywhere in a word; a leading `~` or `=` is not among them. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * One word of the POSIX shell that stands for `value`: itself where that is safe, else in single quotes (POSIX.1-2017,
 * Shell Command Language 2.2.2). Fails with InvalidInput for line breaks and NUL, which no command of one line holds.
 */
export function quote(value: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000\r\n]/.test(value)) throw new PivoError('InvalidInput', 'a value of a command cannot hold a line break or NUL', { hint: 'Leave it out of the request.' });
  if (PLAIN.test(value)) return value;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** As `quote`, for a path: one that begins with `-` is no option, and one that begins with `~` is not the home folder. */
export const quotePath = (value: string): string => quote(value.startsWith('-') ? `./${value}` : value);
