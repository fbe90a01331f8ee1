// Numbers as people type them.
import { PivoError } from '../../contract/failures.ts';

/** An option's whole number above 0. Fails with InvalidInput. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new PivoError('InvalidInput', `${JSON.stringify(text)} is not a whole number above 0`);
}
