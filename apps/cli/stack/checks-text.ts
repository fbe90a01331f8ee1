// Checks as people read them: each with its mark, and what to do.
import type { Check } from '../../../stack/doctor.ts';
import type { Style } from '../session.ts';

const MARKS = { ok: '✓', warning: '!', wrong: '✗' } as const;

export function checksText(checks: readonly Check[], style: Style): string {
  const widest = Math.max(...checks.map(({ name }) => name.length));
  const paint = { ok: style.green, warning: style.yellow, wrong: style.red };
  return checks
    .map(({ name, state, found, advice }) => `${paint[state](MARKS[state])} ${name.padEnd(widest)}  ${found}\n${advice === undefined ? '' : `  ${' '.repeat(widest)}  ${style.bold('→')} ${advice}\n`}`)
    .join('');
}
