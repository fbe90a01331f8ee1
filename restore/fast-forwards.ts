// Proves by git's own rule which refs of a target may move forward, all in one process.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareConfig } from '../archive/snapshots.ts';
import { isPivoError } from '../contract/failures.ts';
import type { ObjectFormat } from '../contract/snapshot.ts';
import { checkObjects } from '../git/cat-file.ts';
import { git, startGit } from '../git/process.ts';

export interface Move {
  old: string;
  new: string;
}

/** How a move was judged: `unknown` when the archive lacks the old object, `diverged` when the new one does not contain it. */
export type Verdict = 'fast-forward' | 'diverged' | 'unknown';

/**
 * Judges each move by a dry run of `git push` from a scratch repository to itself, whose refs are the old and the
 * new objects and whose objects are those at `objects`: git refuses what is not a fast-forward.
 */
export async function judgeMoves(objects: string, objectFormat: ObjectFormat, moves: readonly Move[], signal?: AbortSignal): Promise<Verdict[]> {
  if (moves.length === 0) return [];
  const gitDir = await mkdtemp(join(tmpdir(), 'pivo-moves-'));
  try {
    await prepare(gitDir, objects, objectFormat);
    const known = await knownObjects(gitDir, new Set(moves.map((move) => move.old)));
    const verdicts = moves.map((move): Verdict => (known.has(move.old) ? 'diverged' : 'unknown'));
    await writeRefs(gitDir, moves.map((move, i) => ({ ...move, i })).filter((move) => known.has(move.old)));
    for (const i of await forwarded(gitDir, signal)) verdicts[i] = 'fast-forward';
    return verdicts;
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

async function prepare(gitDir: string, objects: string, objectFormat: ObjectFormat): Promise<void> {
  await git(['init', '--quiet', '--bare', '--template=', `--object-format=${objectFormat}`, gitDir]);
  await writeFile(join(gitDir, 'config'), bareConfig(objectFormat));
  await writeFile(join(gitDir, 'objects/info/alternates'), `${objects}\n`);
}

/** Those of the objects that the archive has. */
async function knownObjects(gitDir: string, oids: ReadonlySet<string>): Promise<Set<string>> {
  return new Set((await checkObjects(gitDir, oids)).flatMap((object) => object?.oid ?? []));
}

async function writeRefs(gitDir: string, moves: readonly (Move & { i: number })[]): Promise<void> {
  const lines = moves.flatMap((move) => [`${move.new} refs/new/${move.i}`, `${move.old} refs/old/${move.i}`]);
  const name = (line: string): string => line.slice(line.indexOf(' '));
  lines.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  await writeFile(join(gitDir, 'packed-refs'), `# pack-refs with: sorted \n${lines.map((line) => `${line}\n`).join('')}`);
}

/** Numbers of the moves that `git push` marks as fast-forwards: a space as the flag (git-push(1), OUTPUT). */
async function forwarded(gitDir: string, signal?: AbortSignal): Promise<number[]> {
  const running = startGit(['push', '--dry-run', '--porcelain', '--no-verify', '.', 'refs/new/*:refs/old/*'], { gitDir, cwd: gitDir, protocols: ['file'], signal });
  running.stdin.end();
  let text = '';
  for await (const chunk of running.stdout.setEncoding('utf8')) text += chunk as string;
  await running.done.catch((error: unknown) => {
    if (!isPivoError(error, 'GitFailed') || error.facts['code'] !== 1) throw error; // 1: some are no fast-forwards
  });
  return text.split('\n').flatMap((line) => /^[ =]\trefs\/new\/(\d+):/.exec(line)?.slice(1).map(Number) ?? []);
}
