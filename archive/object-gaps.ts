// Finds what is missing in a repository that is not whole: commits whose parents are not there.
import { createInterface } from 'node:readline';
import { startGit } from '../git/process.ts';

/** Those of `oids` that are commits, or tags of commits that are there, in their order. */
export async function commitsThatAreThere(gitDir: string, oids: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const answers = catFile(gitDir, ['--batch-check=%(objectname)'], oids.map((oid) => `${oid}^{commit}\n`), signal);
  const found: string[] = [];
  for await (const line of answers) if (!line.includes(' ')) found.push(line);
  return found;
}

/** Commits that name a parent which is not there. Holds the ids of all commits in memory. */
export async function commitsWithoutParents(gitDir: string, signal?: AbortSignal): Promise<string[]> {
  const commits = new Set<string>();
  for await (const line of catFile(gitDir, ['--batch-all-objects', '--unordered', '--batch-check=%(objecttype) %(objectname)'], [], signal)) {
    if (line.startsWith('commit ')) commits.add(line.slice('commit '.length));
  }
  return withMissingParent(gitDir, commits, signal);
}

async function withMissingParent(gitDir: string, commits: Set<string>, signal: AbortSignal | undefined): Promise<string[]> {
  const found = new Set<string>();
  const input = [...commits].map((oid) => `${oid}\n`);
  let commit = '';
  let inHeader = false;
  for await (const line of catFile(gitDir, ['--batch=%(objectname) commit'], input, signal)) {
    const start = /^([0-9a-f]{40,64}) commit$/.exec(line)?.[1];
    if (start !== undefined && commits.has(start)) [commit, inHeader] = [start, true];
    else if (line === '') inHeader = false;
    else if (inHeader && line.startsWith('parent ') && !commits.has(line.slice('parent '.length))) found.add(commit);
  }
  return [...found];
}

async function* catFile(gitDir: string, args: string[], input: string[], signal: AbortSignal | undefined): AsyncGenerator<string> {
  const running = startGit(['cat-file', ...args], { gitDir, input: pieces(input), signal });
  try {
    yield* createInterface({ input: running.stdout.setEncoding('latin1'), crlfDelay: Number.POSITIVE_INFINITY });
    await running.done;
  } finally {
    running.kill('SIGKILL');
  }
}

async function* pieces(items: string[]): AsyncGenerator<string> {
  for (let at = 0; at < items.length; at += 1_000) yield items.slice(at, at + 1_000).join('');
}
