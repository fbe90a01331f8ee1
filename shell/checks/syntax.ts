// Asks bash whether it can read a command (`bash -n`, which runs nothing), and shellcheck what it thinks of it.
import { located, runProgram, type Environment } from './program.ts';
import type { Check } from './check.ts';

/** The command is on stdin, never an argument. */
export async function checkSyntax(command: string, env: Environment, signal: AbortSignal): Promise<Check> {
  const bash = await located('bash', env);
  if (bash === null) return { name: 'syntax', outcome: 'skipped', says: 'there is no bash on this machine' };
  const ended = await runProgram(bash, ['--norc', '--noprofile', '-n'], env, signal, `${command}\n`);
  if (ended === null || ended.code === null) return { name: 'syntax', outcome: 'skipped', says: 'bash did not answer' };
  return ended.code === 0 ? { name: 'syntax', outcome: 'passed', says: 'bash -n reads it' } : { name: 'syntax', outcome: 'failed', says: ended.text.trim().replaceAll(/^bash: /gm, '') };
}

interface Comment {
  code: number;
  level: 'error' | 'warning' | 'info' | 'style';
  message: string;
}

/** Errors and warnings fail; what it only remarks is told. */
export async function checkWithShellcheck(command: string, env: Environment, signal: AbortSignal): Promise<Check> {
  const shellcheck = await located('shellcheck', env);
  if (shellcheck === null) return { name: 'shellcheck', outcome: 'skipped', says: 'shellcheck is not installed' };
  const ended = await runProgram(shellcheck, ['--norc', '--shell=bash', '--format=json', '-'], env, signal, `${command}\n`);
  const comments = ended === null ? null : parsed(ended.text);
  if (comments === null) return { name: 'shellcheck', outcome: 'skipped', says: 'shellcheck did not answer' };
  const bad = comments.some(({ level }) => level === 'error' || level === 'warning');
  const says = comments.map(({ code, message }) => `SC${code}: ${message}`).join('; ');
  return { name: 'shellcheck', outcome: bad ? 'failed' : 'passed', says: says === '' ? 'it has nothing to say' : says };
}

function parsed(text: string): Comment[] | null {
  try {
    return JSON.parse(text) as Comment[];
  } catch {
    return null;
  }
}
