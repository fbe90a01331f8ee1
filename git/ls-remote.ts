// What a remote advertises: its refs and HEAD, by one `git ls-remote`.
import { createInterface } from 'node:readline';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import type { Head, ObjectFormat } from '../contract/snapshot.ts';
import { gitTest, gitText, startGit, type GitLimits } from './process.ts';
import { quoteLatin1 } from './quote.ts';
import { remoteFailure, type Remote } from './remote.ts';

export interface Advertisement {
  /** Ref names to object ids, HEAD left out, in the order of the remote. */
  refs: Map<string, string>;
  head: Head;
  objectFormat: ObjectFormat;
}

/** What an advertisement may take: a million refs need a tenth of it. */
const ADVERTISEMENT: GitLimits = { memory: 2 * 2 ** 30, file: 2 ** 20 };
/** Most characters of all lines of an advertisement that are kept in memory. */
const CHARACTERS = 256 * 2 ** 20;

export interface LsRemoteOptions {
  signal?: AbortSignal | undefined;
  /** Fails with LimitExceeded when the remote advertises more. */
  maxRefs?: number;
  role?: 'origin' | 'target';
}

/**
 * Asks the remote for its refs. A ref name that is not UTF-8 is quoted as `quotePath` does, so that no byte is lost.
 * Fails as `remoteFailure` says.
 */
export async function lsRemote(remote: Remote, options: LsRemoteOptions = {}): Promise<Advertisement> {
  const refs = new Map<string, string>();
  const head: Head = { symref: null, oid: null };
  let characters = 0;
  const running = startGit(['ls-remote', '--symref', '--end-of-options', remote.url], { ...remote.git, limits: limitsOf(remote), signal: options.signal });
  running.stdin.end();
  try {
    for await (const line of createInterface({ input: running.stdout.setEncoding('latin1'), crlfDelay: Infinity })) {
      readLine(line, refs, head);
      characters += line.length;
      if (refs.size > (options.maxRefs ?? Infinity)) throw tooManyRefs(`${options.maxRefs} refs`);
      if (characters > CHARACTERS) throw tooManyRefs(`${CHARACTERS / 2 ** 20} MiB of ref names`);
    }
    await running.done;
  } catch (error) {
    running.kill('SIGKILL');
    throw remoteFailure(error, remote.url, options.role);
  }
  if (head.oid === null) head.symref = await unbornHead(remote, options.signal);
  else if (head.symref !== null && !refs.has(head.symref)) head.symref = null; // a branch that the remote hides: no ref would hold HEAD's commit
  const sample = head.oid ?? refs.values().next().value;
  return { refs, head, objectFormat: sample?.length === 64 ? 'sha256' : 'sha1' };
}

function readLine(line: string, refs: Map<string, string>, head: Head): void {
  const tab = line.indexOf('\t');
  const [value, name] = [line.slice(0, tab), quoteLatin1(line.slice(tab + 1))];
  if (value.startsWith('ref: ')) {
    if (name === 'HEAD') head.symref = quoteLatin1(value.slice(5));
  } else if (name === 'HEAD') head.oid = value;
  else if (!name.endsWith('^{}')) refs.set(name, value);
}

const limitsOf = ({ git }: Remote): GitLimits => ({ ...ADVERTISEMENT, memory: Math.min(ADVERTISEMENT.memory, git.limits?.memory ?? Infinity) });

const tooManyRefs = (limit: string): PivoError =>
  new PivoError('LimitExceeded', `the origin advertises more than ${limit}`, { hint: 'Raise limits.refs if that is right; nothing was archived by this run.' });

/**
 * The branch that an unborn HEAD names. ls-remote does not show it; a path is asked directly, any other remote
 * by an empty clone, which protocol v2 tells (git-protocol-v2, ls-refs "unborn").
 */
async function unbornHead(remote: Remote, signal?: AbortSignal): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'pivo-head-'));
  try {
    const into = join(scratch, 'head.git');
    const args = ['clone', '--bare', '--quiet', '--no-tags', '--single-branch', '--depth=1', '--end-of-options', remote.protocol === 'file' ? `file://${encodeURI(remote.url)}` : remote.url, into];
    const cloned = await gitTest(args, { ...remote.git, limits: limitsOf(remote), signal, config: { ...remote.git.config, 'init.defaultBranch': 'pivo-unknown' } }).catch(() => false);
    if (!cloned) return null;
    const named = await gitText(['symbolic-ref', 'HEAD'], { gitDir: into });
    return named === 'refs/heads/pivo-unknown' ? null : named;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
