// Numbers as people type them.
import { InvalidArgumentError } from 'commander';

/** The whole number above 0 of an option or argument. Fails so that commander names which one. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number above 0 is wanted.');
}
