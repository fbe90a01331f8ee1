// Asks a person a question with a yes or no.
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from './session.ts';

/** True when somebody can be asked: a terminal on both sides, and no program that wants JSON. */
export const canAsk = ({ json }: Session): boolean => !json && process.stdin.isTTY && process.stderr.isTTY;

/** Milliseconds in which what was typed before the question is read and forgotten. */
const FORGET_FOR = 100;

/** True for `y` and `yes` typed after the question was shown; anything else is no. Ctrl-C fails with what aborted. */
export async function ask(session: Session, question: string): Promise<boolean> {
  await forgetTyped();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // readline takes the key; the entry decides what it means
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: session.signal })).trim());
  } finally {
    terminal.close();
  }
}

/** A key that was pressed while the plan was being made is no consent to it. */
async function forgetTyped(): Promise<void> {
  const forget = (): void => {};
  process.stdin.on('data', forget);
  await sleep(FORGET_FOR);
  process.stdin.off('data', forget).pause();
}
