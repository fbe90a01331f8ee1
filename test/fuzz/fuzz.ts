// Bounds and seed of all fuzzing: the same inputs in every run, another set by PIVO_FUZZ_SEED, more of them by PIVO_FUZZ_RUNS.
import * as fc from 'fast-check';
import { isPivoError } from '../../contract/failures.ts';

const SEED = Number(process.env['PIVO_FUZZ_SEED'] ?? 20_261_121);
const RUNS = Number(process.env['PIVO_FUZZ_RUNS'] ?? 500);

/** Settings of one property; `share`: of the runs, for properties that start processes or ask servers. */
export const bounds = (share = 1): { seed: number; numRuns: number; endOnFailure: boolean } => ({ seed: SEED, numRuns: Math.max(5, Math.round(RUNS * share)), endOnFailure: false });

/** Any text: words of `tokens`, and whatever else a string can hold. */
export const textOf = (...tokens: string[]): fc.Arbitrary<string> => fc.array(fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 20 }).map((parts) => parts.join(''));

/** Any bytes: arbitrary ones, and valid ones with some replaced, cut or repeated. */
export function damaged(valid: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({ at: fc.nat(valid.length), drop: fc.nat(20), put: fc.uint8Array({ maxLength: 6 }) });
  const edited = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => edits.reduce((bytes, { at, drop, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]), valid));
  return fc.oneof(edited, edited, fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)));
}

/** What `act` returns, or null when it failed on purpose; anything else that it throws goes on. */
export function onPurpose<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (isPivoError(error)) return null;
    throw error;
  }
}
