// Are two repositories the same? Refs, HEAD, every reachable object, and what fsck says of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { git, startGit } from '../../git/process.ts';
import { headOf } from './repository-state.ts';

export interface Difference {
  what: 'format' | 'head' | 'ref' | 'object' | 'fsck';
  /** What only the first repository has, as text; null when it lacks it. */
  expected: string | null;
  found: string | null;
}

/**
 * Every difference between repository `a`, the original, and `b`. None means: the same refs with the same ids and types, the same HEAD
 * (symbolic, detached or unborn), the same reachable objects with their types and sizes, and the same findings of `git fsck`.
 * Equal ids are equal contents, because fsck recomputes every id of both.
 */
export async function compareRepositories(a: string, b: string): Promise<Difference[]> {
  return [
    ...differing('format', await lines(a, ['rev-parse', '--show-object-format']), await lines(b, ['rev-parse', '--show-object-format'])),
    ...differing('head', [await describeHead(a)], [await describeHead(b)]),
    ...differing('ref', await refLines(a), await refLines(b)),
    ...differing('object', await reachableObjects(a), await reachableObjects(b)),
    ...differing('fsck', await fsckFindings(a), await fsckFindings(b)),
  ];
}

/** Differences as lines to read, `-` for what is missing and `+` for what is too much; empty when there are none. */
export function describeDifference(differences: Difference[], atMost = 40): string {
  const shown = differences.slice(0, atMost).flatMap(({ what, expected, found }) => [
    ...(expected === null ? [] : [`- ${what} ${expected}`]),
    ...(found === null ? [] : [`+ ${what} ${found}`]),
  ]);
  return [...shown, ...(differences.length > atMost ? [`… ${differences.length - atMost} more`] : [])].join('\n');
}

function differing(what: Difference['what'], a: string[], b: string[]): Difference[] {
  const inA = new Set(a);
  const inB = new Set(b);
  return [
    ...a.filter((line) => !inB.has(line)).map((line): Difference => ({ what, expected: line, found: null })),
    ...b.filter((line) => !inA.has(line)).map((line): Difference => ({ what, expected: null, found: line })),
  ];
}

/** Output as lines, every byte kept as one character. */
async function lines(gitDir: string, args: string[]): Promise<string[]> {
  const { stdout } = await git(args, { gitDir });
  return stdout.toString('latin1').split('\n').filter((line) => line !== '');
}

const refLines = (gitDir: string): Promise<string[]> => lines(gitDir, ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)']);

/** `refs/heads/main at 1a2b…`, `detached at 1a2b…` or `refs/heads/trunk, unborn`. */
async function describeHead(gitDir: string): Promise<string> {
  const { symref, oid } = await headOf(gitDir);
  if (symref === null) return oid === null ? 'no HEAD' : `detached at ${oid}`;
  return oid === null ? `${symref}, unborn` : `${symref} at ${oid}`;
}

/** `id type size` of everything that refs and HEAD reach. */
export async function reachableObjects(gitDir: string): Promise<string[]> {
  const listing = startGit(['rev-list', '--objects', '--no-object-names', '--all'], { gitDir });
  listing.stdin.end();
  const sizes = startGit(['cat-file', '--buffer', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], { gitDir, input: listing.stdout });
  const found = new Set<string>();
  for await (const line of createInterface({ input: sizes.stdout })) found.add(line);
  await Promise.all([listing.done, sizes.done]);
  return [...found].toSorted();
}

/** Lines of `git fsck`, which ends with a failure where it finds one; what hangs loose is no finding. */
async function fsckFindings(gitDir: string): Promise<string[]> {
  const child = spawn('git', [`--git-dir=${gitDir}`, 'fsck', '--full', '--no-dangling', '--no-progress'], {
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_NO_REPLACE_OBJECTS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const found: string[] = [];
  const read = async (input: typeof child.stdout): Promise<void> => {
    for await (const line of createInterface({ input })) found.push(line);
  };
  await Promise.all([read(child.stdout), read(child.stderr), once(child, 'close')]);
  return found.toSorted();
}
