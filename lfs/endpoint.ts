// Where the objects of a repository are: its Git LFS server, found as git-lfs finds it, or a folder of this machine.
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { credentialEnv, loginOf } from '../git/credentials.ts';
import { git } from '../git/process.ts';
import { checkUrl, type CheckedUrl } from '../git/url.ts';
import type { LfsAccess } from './server.ts';

/** What a repository's URL is reached with. */
export interface EndpointAccess {
  protocols: readonly string[];
  /** Folder of stored credentials. */
  credentials: string;
  credential: string | null;
}

/** A folder `lfs/objects` of this machine, or a server. */
export type LfsPlace = { kind: 'folder'; objects: string } | ({ kind: 'server' } & LfsAccess);

/** Seconds without a byte from a server. */
const PATIENCE = 30;
/** Seconds that `git-lfs-authenticate` may take, and most bytes of its answer. */
const SSH = { seconds: 60, bytes: 64 * 1024 };

export interface Wanted {
  /** Origin or target, as checkUrl allows it. */
  url: string;
  operation: 'download' | 'upload';
  /** `lfs.url` of the repository's own `.lfsconfig`, or null. */
  configured: string | null;
  patience?: number;
}

/**
 * Where to look for objects, best first. The URL of `.lfsconfig` is what a repository says, so it is under the rules for
 * origins, may name no path, and gets the credential only where its site is the origin's. Fails with UrlRefused or CredentialMissing.
 */
export async function lfsPlaces({ url, operation, configured, patience = PATIENCE }: Wanted, access: EndpointAccess, signal: AbortSignal): Promise<LfsPlace[]> {
  const origin = checkUrl(url, access.protocols);
  const own = origin.protocol === 'file' ? [{ kind: 'folder' as const, objects: await lfsFolder(origin.url) }] : [];
  if (configured === null && own.length > 0) return own;
  const at = configured === null ? origin : checkConfigured(configured, origin, access.protocols);
  return [...own, await serverAt(at, { origin, derive: configured === null, operation, patience }, access, signal)];
}

function checkConfigured(configured: string, origin: CheckedUrl, protocols: readonly string[]): CheckedUrl {
  const checked = checkUrl(configured, protocols);
  const sameHost = checked.protocol !== 'ssh' || hostOfSsh(checked.url)?.host === hostOfSsh(origin.url)?.host;
  if (checked.protocol !== 'file' && checked.protocol !== 'git' && sameHost) return checked;
  throw new PivoError('UrlRefused', `.lfsconfig of the repository names ${checked.protocol === 'ssh' ? 'another host for ssh' : `the transport "${checked.protocol}"`} for Git LFS, which is not followed`, { hint: 'A repository may name an http(s) server only, or its own host.' });
}

interface Discovery {
  origin: CheckedUrl;
  /** The URL is the repository's: `/info/lfs` is added as git-lfs does (docs/api/server-discovery.md). */
  derive: boolean;
  operation: Wanted['operation'];
  patience: number;
}

async function serverAt(at: CheckedUrl, { origin, derive, operation, patience }: Discovery, access: EndpointAccess, signal: AbortSignal): Promise<LfsPlace> {
  const shared = { kind: 'server' as const, protocols: access.protocols, patience };
  if (at.protocol === 'ssh') return { ...shared, ...(await authenticatedBySsh(at, operation, access, signal)) };
  if (at.site === null) throw new PivoError('UrlRefused', `Git LFS is not reached by the transport "${at.protocol}"`, { hint: 'Name an http(s) server in .lfsconfig (lfs.url).' });
  const url = new URL(derive ? infoLfs(at.url) : at.url);
  const login = access.credential === null || at.site !== origin.site ? null : access.credential;
  return { ...shared, url, headers: async () => (login === null ? {} : { authorization: basic(await loginOf(access.credentials, login)) }) };
}

const infoLfs = (url: string): string => `${url.endsWith('.git') ? url : `${url}.git`}/info/lfs`;

const basic = ({ username, token }: { username: string; token: string }): string => `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;

/** The folder that git-lfs keeps objects in, of a repository of this machine: beside its `objects`. */
export async function lfsFolder(path: string): Promise<string> {
  const inside = join(path, '.git');
  const isWorking = await stat(inside).then((found) => found.isDirectory(), () => false);
  return join(isWorking ? inside : path, 'lfs', 'objects');
}

/** What `git-lfs-authenticate` answers (git-lfs, docs/api/authentication.md). */
const Authenticated = z.object({ href: z.string().optional(), header: z.record(z.string(), z.string()).optional() });

interface SshPlace {
  /** `[user@]host`. */
  login: string;
  host: string;
  port: string | null;
  path: string;
}

/** `ssh://[user@]host[:port]/path` or `[user@]host:path` (git-clone(1), "GIT URLS"). */
function hostOfSsh(url: string): SshPlace | null {
  const long = /^ssh:\/\/((?:[^/@]*@)?(\[[^\]]*\]|[^/:]*))(?::([0-9]+))?(\/.*)$/i.exec(url);
  const short = long === null ? /^((?:[^/@:]*@)?(\[[^\]]*\]|[^/:@]*)):(.*)$/.exec(url) : null;
  const [, login, host] = long ?? short ?? [];
  if (login === undefined || host === undefined) return null;
  return { login: login.replace(/[[\]]/g, ''), host: host.replace(/[[\]]/g, '').toLowerCase(), port: long?.[3] ?? null, path: (long?.[4] ?? short?.[3] ?? '').replace(/^\/~/, '~') };
}

/** Asks the host for the server and what authorizes a request there; where it has no such command, its https server is asked without. */
async function authenticatedBySsh(at: CheckedUrl, operation: Wanted['operation'], access: EndpointAccess, signal: AbortSignal): Promise<Pick<LfsAccess, 'url' | 'headers'>> {
  const place = hostOfSsh(at.url);
  if (place === null) throw new PivoError('UrlRefused', `${at.url}: no host can be read from it`);
  const derived = new URL(infoLfs(`https://${place.host.includes(':') ? `[${place.host}]` : place.host}/${place.path.replace(/^\/+/, '')}`));
  const ask = (): Promise<z.infer<typeof Authenticated>> => authenticate(place, operation, access, at, signal);
  let answer = await ask();
  const href = answer.href ?? derived.href;
  const checked = checkUrl(href, access.protocols);
  if (checked.site === null) throw new PivoError('UrlRefused', `${place.host} names ${checked.protocol} for Git LFS, which is not followed`);
  return {
    url: new URL(checked.url),
    async headers(renew) {
      if (renew) answer = await ask();
      return answer.header ?? {};
    },
  };
}

async function authenticate({ login, port, path }: SshPlace, operation: string, access: EndpointAccess, at: CheckedUrl, signal: AbortSignal): Promise<z.infer<typeof Authenticated>> {
  const env = await credentialEnv(access.credentials, access.credential, at);
  const command = `git-lfs-authenticate '${path.replaceAll("'", "'\\''")}' ${operation}`;
  const text = await outputOf(env['GIT_SSH_COMMAND'] ?? 'ssh -oBatchMode=yes', [...(port === null ? [] : ['-p', port]), '--', login, command], signal);
  try {
    return Authenticated.parse(JSON.parse(text === '' ? '{}' : text));
  } catch {
    throw new PivoError('OriginRefused', 'the answer of git-lfs-authenticate cannot be read', { hint: 'Does the host speak Git LFS over ssh?' });
  }
}

/** What ssh's other side writes; nothing where it has no such command. Fails with Unavailable where ssh itself fails (255). */
function outputOf(ssh: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `exec ${ssh} "$@"`, 'sh', ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'], signal: AbortSignal.any([signal, AbortSignal.timeout(SSH.seconds * 1000)]),
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => { text = (text + piece).slice(0, SSH.bytes); });
    child.on('error', (error) => reject(signal.aborted ? signal.reason as Error : new PivoError('Unavailable', 'git-lfs-authenticate could not be asked over ssh', { cause: error })));
    child.on('close', (code) => (code === 255 ? reject(new PivoError('Unavailable', 'git-lfs-authenticate could not be asked over ssh')) : resolve(code === 0 ? text : '')));
  });
}

/** `lfs.url` of the file `.lfsconfig` of HEAD, read as data: nothing else in it counts. Null where there is none. */
export async function configuredUrl(gitDir: string, head: string | null, signal: AbortSignal): Promise<string | null> {
  if (head === null) return null;
  const read = git(['config', `--blob=${head}:.lfsconfig`, '--no-includes', '--null', '--get', 'lfs.url'], { gitDir, signal });
  const { stdout } = await read.catch((error: unknown) => {
    if (error instanceof PivoError && error.kind === 'GitFailed') return { stdout: Buffer.alloc(0) }; // no such file, or no such setting
    throw error;
  });
  const url = stdout.toString('utf8').replace(/\0$/, '');
  return url === '' ? null : url;
}
