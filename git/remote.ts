// Talking to a remote: how git is told to reach it, and what its failures mean to a person.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PivoError, isPivoError, type FailureKind } from '../contract/failures.ts';
import { credentialEnv } from './credentials.ts';
import { checkUrl, type CheckedUrl } from './url.ts';
import type { GitLimits, GitOptions } from './process.ts';

export interface Remote extends CheckedUrl {
  /** Options that every git command to this remote gets. */
  git: Pick<GitOptions, 'env' | 'protocols' | 'config' | 'limits'>;
}

export interface RemoteAccess {
  protocols: readonly string[];
  /** Folder of stored credentials. */
  credentials: string;
  credential: string | null;
  /** What git may take while it talks to the remote. */
  limits?: GitLimits;
}

/** Checks `url` and prepares what git needs to reach it, for as long as `use` runs. */
export async function withRemote<T>(url: string, access: RemoteAccess, use: (remote: Remote) => Promise<T>): Promise<T> {
  const checked = checkUrl(url, access.protocols);
  const env = await credentialEnv(access.credentials, access.credential, checked);
  const scratch = await mkdtemp(join(tmpdir(), 'pivo-remote-'));
  try {
    if (checked.protocol === 'file') env['GIT_CONFIG_GLOBAL'] = await trustOnly(checked.url, scratch);
    const config = { 'http.lowSpeedLimit': '1000', 'http.lowSpeedTime': '60' };
    return await use({ ...checked, git: { env, config, protocols: [checked.protocol], limits: access.limits } });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** git refuses a path that another user owns unless a global configuration names it (git-config(1), safe.directory). */
async function trustOnly(path: string, scratch: string): Promise<string> {
  const file = join(scratch, 'config');
  const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  await writeFile(file, `[safe]\n\tdirectory = ${quoted(path)}\n\tdirectory = ${quoted(`${path}/.git`)}\n`);
  return file;
}

type RemoteRole = 'origin' | 'target';

interface Meaning {
  pattern: RegExp;
  kind: Record<RemoteRole, FailureKind>;
  hint: string;
  /** There is no repository at that address. */
  missing?: true;
}

/** What git says (LC_ALL=C) when a remote says no, most telling first; all else is a connection that may come back. */
const MEANINGS: Meaning[] = [
  { pattern: /out of memory|cannot allocate memory|size_t overflow/i, kind: { origin: 'LimitExceeded', target: 'TargetRefused' }, hint: 'What it sent needs more memory than git may take here; for an origin, raise limits.memory if the repository is that large.' },
  { pattern: /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied|HTTP 40[13]|returned error: 40[13]/i, kind: { origin: 'OriginRefused', target: 'TargetRefused' }, hint: 'Check that the repository exists and pass --credential NAME with one that may read it (`pivo credential add NAME`).' },
  { pattern: /does not appear to be a git repository|[Rr]epository .*not found|returned error: 404|HTTP 404|(?<!object directory .*)does not exist|not exported/, kind: { origin: 'OriginRefused', target: 'TargetRefused' }, hint: 'Check the URL or path: there is no git repository that this user can see.', missing: true },
  { pattern: /dubious ownership/, kind: { origin: 'OriginRefused', target: 'TargetRefused' }, hint: 'The folder belongs to another user; run PIVO as that user.' },
  { pattern: /transport '.*' not allowed|redirect|returned error: 30[12378]/i, kind: { origin: 'UrlRefused', target: 'UrlRefused' }, hint: 'The server sent git elsewhere, which PIVO never follows; give the final URL, often the one that ends with .git.' },
];

const namesObject = (line: string): boolean => /\b[0-9a-f]{40,64}\b/.test(line);

/** Turns a GitFailed of a command that spoke to a remote into what it means; other errors pass unchanged. */
export function remoteFailure(error: unknown, url: string, role: RemoteRole = 'origin'): unknown {
  if (!isPivoError(error, 'GitFailed')) return error;
  const said = typeof error.facts['stderr'] === 'string' ? error.facts['stderr'] : '';
  const meaning = MEANINGS.find((each) => each.pattern.test(said));
  const kind = meaning?.kind[role] ?? (role === 'origin' ? 'OriginUnreachable' : 'TargetUnreachable');
  const lines = said.split('\n').map((line) => line.replace(/^(fatal|error|remote): */, '').trim()).filter((line) => line !== '' && !/^Please make sure|^and the repository exists/.test(line));
  const words = [...lines.filter(namesObject), ...lines.filter((line) => !namesObject(line))]; // which one is missing says more than that the connection ended
  return new PivoError(kind, `${url}: ${words.slice(0, 3).join('; ') || error.message}`, { hint: meaning?.hint ?? 'Check the address and the network, then start again.', cause: error, facts: { url, ...(meaning?.missing === true ? { missing: true } : {}) } });
}
