// Looks at where a restore is to go: a remote, a repository on this machine, or a path that holds nothing yet.
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { RestorePlan } from '../contract/restore.ts';
import type { Head, ObjectFormat } from '../contract/snapshot.ts';
import { lsRemote } from '../git/ls-remote.ts';
import { gitText, type GitOptions } from '../git/process.ts';
import { withRemote, type Remote, type RemoteAccess } from '../git/remote.ts';
import { checkUrl } from '../git/url.ts';
import { readMark } from './mark.ts';

export interface TargetState {
  kind: RestorePlan['targetKind'];
  /** URL or absolute path, as git gets it. */
  url: string;
  host: string | null;
  /** Nothing is there, or only what this restore itself began: PIVO makes the repository. */
  absent: boolean;
  refs: ReadonlyMap<string, string>;
  head: Head;
  /** Patterns of refs that the target hides from pushes (git-config(1), receive.hideRefs); only a path can be asked. */
  hidden: readonly string[];
  /** Null where nothing tells: a remote without refs. */
  objectFormat: ObjectFormat | null;
}

/** A repository of a remote as it is when it was just made. Fails with UrlRefused. */
export function emptyRemote(target: string, protocols: readonly string[]): TargetState {
  const { url } = checkUrl(target, protocols);
  return { ...NOTHING, kind: 'remote', url, host: hostOf(url), absent: false, objectFormat: null };
}

/** Which restore looks, and what it may use. */
export interface TargetAccess extends RemoteAccess {
  /** The archive's root on this machine, where no target may lie; null when it is elsewhere. */
  archive: string | null;
  /** Null for a plan that belongs to no restore. */
  restoreId: string | null;
}

const NOTHING = { refs: new Map<string, string>(), head: { symref: null, oid: null }, hidden: [] };

/**
 * The target as it is now. Fails with UrlRefused, TargetRefused (a path that holds something else),
 * TargetUnreachable or CredentialMissing.
 */
export function inspectTarget(target: string, access: TargetAccess, signal?: AbortSignal): Promise<TargetState> {
  return withTarget(target, access, (remote) => stateOf(remote, access, signal));
}

/** Checks the target and prepares what git needs to reach it, for as long as `use` runs. */
export async function withTarget<T>(target: string, access: TargetAccess, use: (remote: Remote) => Promise<T>): Promise<T> {
  const checked = checkUrl(target, access.protocols);
  if (checked.protocol === 'file' && access.archive !== null && `${await realPath(checked.url)}${sep}`.startsWith(`${await realPath(access.archive)}${sep}`)) {
    throw new PivoError('TargetRefused', `${checked.url} lies in the archive`, { hint: 'Choose a path outside: the archive is written once and never changed.' });
  }
  return withRemote(target, access, use);
}

/** The path without links and dots, as far as it is there. */
async function realPath(path: string): Promise<string> {
  const parent = dirname(path);
  return realpath(path).catch(async () => (parent === path ? path : join(await realPath(parent), basename(path))));
}

/** What the target is now, asked over a remote that is at hand. */
export async function stateOf(remote: Remote, access: TargetAccess, signal?: AbortSignal): Promise<TargetState> {
  if (remote.protocol !== 'file') return remoteState(remote, signal);
  const path = remote.url;
  const found = await pathState(path, access.restoreId);
  if (found === 'absent') return { ...NOTHING, kind: path.endsWith('.git') ? 'bare' : 'working', url: path, host: null, absent: true, objectFormat: null };
  const { refs, head } = await lsRemote(remote, { signal, role: 'target' });
  const here = { cwd: path, ...remote.git, signal };
  const objectFormat = (await gitText(['rev-parse', '--show-object-format'], here)) as ObjectFormat;
  return { kind: found, url: path, host: null, absent: false, refs, head, hidden: await hiddenPatterns(here), objectFormat };
}

async function hiddenPatterns(here: GitOptions): Promise<string[]> {
  const listed = await gitText(['config', '--get-regexp', '^(receive|transfer)\\.hiderefs$'], here).catch((error: unknown) => {
    if (isPivoError(error, 'GitFailed') && error.facts['code'] === 1) return ''; // there are none
    throw error;
  });
  return listed.split('\n').flatMap((line) => (line.includes(' ') ? [line.slice(line.indexOf(' ') + 1)] : []));
}

async function remoteState(remote: Remote, signal?: AbortSignal): Promise<TargetState> {
  const { refs, head, objectFormat } = await lsRemote(remote, { signal, role: 'target' });
  return { kind: 'remote', url: remote.url, host: hostOf(remote.url), absent: false, refs, head, hidden: [], objectFormat: refs.size === 0 ? null : objectFormat };
}

/** Host of a URL or of `[user@]host:path`, without port. */
function hostOf(url: string): string | null {
  const parsed = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)/i.exec(url) ?? /^(?:[^/@]*@)?([^/:]+):/.exec(url);
  return parsed?.[1]?.toLowerCase() ?? null;
}

async function pathState(path: string, restoreId: string | null): Promise<'absent' | 'bare' | 'working'> {
  const entries = await entriesOf(path);
  if (entries.length === 0) return 'absent';
  const mark = await readMark(path);
  if (mark !== null) {
    if (mark.restoreId === restoreId) return 'absent';
    throw new PivoError('TargetRefused', `${path} holds the unfinished restore ${mark.restoreId}`, { hint: 'Let that restore finish, or remove the folder when it never will.' });
  }
  if (entries.includes('.git')) return 'working';
  if (entries.includes('HEAD') && entries.includes('objects')) return 'bare';
  throw new PivoError('TargetRefused', `${path} is not empty and no git repository`, { hint: 'Choose a path that is not there yet, or an empty folder.', facts: { entries: entries.slice(0, 5) } });
}

/** Names in a folder, none when nothing is there. Fails with TargetRefused when it is no folder. */
async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new PivoError('TargetRefused', `${path} cannot be used: ${code === 'ENOTDIR' ? 'it is a file' : (error as Error).message}`, { hint: 'Choose a path that is not there yet.', cause: error });
  }
}
