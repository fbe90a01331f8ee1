// Credentials by reference: stored as files only their owner can read, handed to git without argv or URL.
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PivoError } from '../contract/failures.ts';
import type { CheckedUrl } from './url.ts';

/** A token with the user name it goes with (any, for most forges), or a private key for ssh. */
export type Credential = { kind: 'token'; username: string; token: string } | { kind: 'ssh-key'; privateKey: string };

const ASKPASS = fileURLToPath(new URL('./askpass.sh', import.meta.url));

/** Files of one credential: `{folder}/{name}/username` and `token`, or `key`; 0600 in a 0700 folder. */
export async function saveCredential(folder: string, name: string, credential: Credential): Promise<void> {
  const place = join(folder, name);
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const files = credential.kind === 'token' ? { username: credential.username, token: credential.token } : { key: `${credential.privateKey.trimEnd()}\n` };
  for (const [file, content] of Object.entries(files)) await writeFile(join(place, file), content, { mode: 0o600 });
}

/** Names and kinds of the stored credentials; never their content. */
export async function listCredentials(folder: string): Promise<{ name: string; kind: Credential['kind'] }[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.sort().map(async (name) => ({ name, kind: await kindOf(join(folder, name)) })));
  return found.flatMap(({ name, kind }) => (kind === null ? [] : [{ name, kind }]));
}

/** Forgets a credential. Fails with NotFound. */
export async function removeCredential(folder: string, name: string): Promise<void> {
  if ((await kindOf(join(folder, name))) === null) throw missing(name);
  await rm(join(folder, name), { recursive: true });
}

async function kindOf(place: string): Promise<Credential['kind'] | null> {
  if (await exists(join(place, 'token'))) return 'token';
  return (await exists(join(place, 'key'))) ? 'ssh-key' : null;
}

const exists = (file: string): Promise<boolean> => stat(file).then(() => true, () => false);

const missing = (name: string): PivoError => new PivoError('CredentialMissing', `there is no credential "${name}"`, { hint: `Store it first: pivo credential add ${name}` });

/** Fails with CredentialMissing when the name is unknown or of a kind that the URL's transport cannot use. */
export async function checkCredential(folder: string, name: string, url: CheckedUrl): Promise<Credential['kind']> {
  const kind = await kindOf(join(folder, name));
  if (kind === null) throw missing(name);
  const fits = kind === 'token' ? url.site !== null : url.protocol === 'ssh';
  if (!fits) throw new PivoError('CredentialMissing', `credential "${name}" is a ${kind}, which ${url.protocol} cannot use`, { hint: kind === 'token' ? 'A token goes with https.' : 'A key goes with ssh.' });
  return kind;
}

/** The token of a stored credential, for a program that is no git. Fails with CredentialMissing when the name is unknown or of a key. */
export async function tokenOf(folder: string, name: string): Promise<string> {
  const kind = await kindOf(join(folder, name));
  if (kind === null) throw missing(name);
  if (kind !== 'token') throw new PivoError('CredentialMissing', `credential "${name}" is a key for ssh, and a token is needed`, { hint: 'A forge\'s API takes tokens only: store one under another name with `pivo credential add`.' });
  return (await readFile(join(folder, name, 'token'), 'utf8')).trim();
}

/** The user name and token of a stored credential, for a program that authorizes requests as git does. Fails as `tokenOf`. */
export async function loginOf(folder: string, name: string): Promise<{ username: string; token: string }> {
  const token = await tokenOf(folder, name);
  return { username: (await readFile(join(folder, name, 'username'), 'utf8')).trim(), token };
}

/** The name where it is that of a token, else null: a key says nothing to a forge's API. */
export async function nameOfToken(folder: string, name: string | undefined): Promise<string | null> {
  return name !== undefined && (await kindOf(join(folder, name))) === 'token' ? name : null;
}

/**
 * Settings of the ssh that git starts: no questions; a host is remembered at first sight and must stay the same; one that is silent for a
 * minute is given up, as over http.
 */
const sshCommand = (folder: string, key: string | null): string =>
  ['ssh', '-oBatchMode=yes', '-oConnectTimeout=60', '-oServerAliveInterval=20', '-oStrictHostKeyChecking=accept-new', forShell(`-oUserKnownHostsFile=${oneFile(join(folder, 'known_hosts'))}`), ...(key === null ? [] : ['-oIdentitiesOnly=yes', '-i', forShell(key)])].join(' ');

/** git has a shell read the command. */
const forShell = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
/** ssh takes a list of files, and expands `%` in them (ssh_config(5), UserKnownHostsFile). */
const oneFile = (path: string): string => `"${path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;

/** `https://Host:443`: git asks for a password in the words of the URL. */
const siteAsWritten = ({ url }: CheckedUrl): string => /^[^/]+\/\/[^/?#]*/.exec(url)?.[0] ?? '';

/** What git's environment needs to reach `url`: nothing secret, only where the askpass program or ssh finds it. */
export async function credentialEnv(folder: string, name: string | null, url: CheckedUrl): Promise<Record<string, string>> {
  if (name === null) return url.protocol === 'ssh' ? { GIT_SSH_COMMAND: sshCommand(folder, null) } : {};
  const kind = await checkCredential(folder, name, url);
  if (kind === 'ssh-key') return { GIT_SSH_COMMAND: sshCommand(folder, join(folder, name, 'key')) };
  return { GIT_ASKPASS: ASKPASS, PIVO_ASKPASS_SITE: siteAsWritten(url), PIVO_ASKPASS_CREDENTIAL: join(folder, name) };
}
