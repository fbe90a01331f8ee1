// `pivo doctor`: every check with its mark, and what to do.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { examine, type Check } from '../../../stack/doctor.ts';
import type { Session, Style } from '../session.ts';

/** Exit code 1 when something is wrong; warnings are no failure. */
export async function doctor(session: Session): Promise<number> {
  const places = { path: process.env['PATH'] ?? '', cache: process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache') };
  const checks = await examine({ config: session.config, places });
  const healthy = checks.every((check) => check.state !== 'wrong');
  await session.answer({ healthy, checks }, () => checksText(checks, session.style));
  return healthy ? 0 : 1;
}

const MARKS = { ok: '✓', warning: '!', wrong: '✗' } as const;

function checksText(checks: readonly Check[], style: Style): string {
  const widest = Math.max(...checks.map(({ name }) => name.length));
  const paint = { ok: style.green, warning: style.yellow, wrong: style.red };
  return checks
    .map(({ name, state, found, advice }) => `${paint[state](MARKS[state])} ${name.padEnd(widest)}  ${found}\n${advice === undefined ? '' : `  ${' '.repeat(widest)}  ${style.bold('→')} ${advice}\n`}`)
    .join('');
}
