// One way to check input at every door: a zod schema in, a typed value or InvalidInput out.
import type { z } from 'zod';
import { PivoError } from './failures.ts';

/**
 * Parses `value` with `schema`. Fails with `InvalidInput` whose message names every wrong field,
 * e.g. `ingest input: url: expected string, received undefined`.
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    return field === '' ? issue.message : `${field}: ${issue.message}`;
  });
  throw new PivoError('InvalidInput', `${what}: ${problems.join('; ')}`, {
    hint: `Correct the named field${problems.length > 1 ? 's' : ''} and start again; nothing was changed.`,
    facts: { fields: result.error.issues.map((issue) => issue.path.map(String).join('.')) },
  });
}
