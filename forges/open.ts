// Opens the forge that a repository's URL belongs to.
import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { PivoError } from '../contract/failures.ts';
import type { Forge } from './forge.ts';
import type { ForgeKind, ForgeSettings } from './settings.ts';

/** What a URL says of a repository's forge. */
export interface ForgePlace {
  kind: ForgeKind;
  /** Base of the API, which ends with "/". */
  api: URL;
  /** `owner/name`, with all groups of GitLab. */
  path: string;
  /** The credential that the configuration names; null where it names none. */
  credential: string | null;
  caFile: string | null;
}

export interface ForgeOpening {
  /** `[[forges]]` of the configuration. */
  forges: readonly ForgeSettings[];
  /** Taken instead of the configured one; null: that one. */
  credential: string | null;
  /** The token of a stored credential. Fails with CredentialMissing. */
  token(credential: string): Promise<string>;
}

export const KNOWN: readonly Pick<ForgeSettings, 'host' | 'kind' | 'api'>[] = [
  { host: 'github.com', kind: 'github', api: 'https://api.github.com' },
  { host: 'gitlab.com', kind: 'gitlab' },
];

export const DEFAULT_PATH: Record<ForgeKind, string> = { gitlab: '/api/v4', github: '/api/v3', gitea: '/api/v1' };

const unreadable = (what: string): PivoError => new PivoError('InvalidInput', `${what} names no repository on a forge`, { hint: 'Expected something like https://github.com/owner/name or git@gitlab.com:group/name.git. Where the origin is on no forge, name the repository there: `pivo forge export --url`, `pivo pipeline generate --to`.' });

/** Where the repository of a URL is. Fails with InvalidInput for a host that is no forge PIVO knows, and for a URL that names no repository. */
export function forgeOf(url: string, forges: readonly ForgeSettings[]): ForgePlace {
  const { host, isWeb, path } = partsOf(url);
  const named = (each: { host: string }): boolean => each.host === host || (!isWeb && each.host.replace(/:\d+$/, '') === host);
  const configured = forges.find(named);
  const known = KNOWN.find(named);
  const forge = configured ?? known;
  if (forge === undefined) throw new PivoError('InvalidInput', `${host} is no forge that is known here`, { facts: { host }, hint: 'Add it to config.toml: [[forges]] with host, kind ("gitlab", "github" or "gitea") and credential.' });
  const api = forge.api ?? (known?.kind === forge.kind ? known.api : undefined) ?? `https://${forge.host}${DEFAULT_PATH[forge.kind]}`;
  const parts = path.split('/');
  const fits = forge.kind === 'gitlab' ? parts.length >= 2 : parts.length === 2;
  if (!fits || !parts.every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..')) throw unreadable(`"${host}/${path.slice(0, 200)}"`);
  return { kind: forge.kind, api: new URL(`${api.replace(/\/+$/, '')}/`), path, credential: configured?.credential ?? null, caFile: configured?.caFile ?? null };
}

/** Host and path of a URL in any of the forms that git takes (git-clone(1), "GIT URLS"); an ssh port is not the forge's. */
function partsOf(url: string): { host: string; isWeb: boolean; path: string } {
  const path = (text: string): string => text.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const [, scpHost, scpPath] = /^(?:[^@/:\s]+@)?([^@/:\s]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (scpHost !== undefined && scpPath !== undefined) return { host: scpHost.toLowerCase(), isWeb: false, path: path(scpPath) };
  const parsed = URL.parse(url);
  if (parsed === null || !/^(https?|ssh|git):$/.test(parsed.protocol) || parsed.hostname === '') throw unreadable('this URL');
  const isWeb = parsed.protocol.startsWith('http');
  return { host: isWeb ? parsed.host : parsed.hostname.toLowerCase(), isWeb, path: path(parsed.pathname) };
}

/**
 * The forge of a repository's URL, with the token of a stored credential, read anew for each request.
 * Fails with InvalidInput as forgeOf does and for a Gitea, which has no pipelines here, and with CredentialMissing where no credential is named.
 */
export async function openForge(url: string, { forges, credential, token }: ForgeOpening): Promise<Forge> {
  const place = forgeOf(url, forges);
  if (place.kind === 'gitea') throw noPipelines(place);
  const name = credential ?? place.credential;
  if (name === null) throw new PivoError('CredentialMissing', `no credential is named for ${place.api.host}`, { hint: 'Store a token (`pivo credential add NAME`) and pass --credential NAME, or name it in [[forges]] of config.toml.' });
  const shared = { api: place.api, credential: name, token: () => token(name), ...(place.caFile === null ? {} : { ca: await certificates(place.caFile) }) };
  if (place.kind === 'github') return (await import('./github/forge.ts')).openGithub({ ...shared, forge: 'GitHub' }, place.path);
  return (await import('./gitlab/forge.ts')).openGitlab({ ...shared, forge: 'GitLab' }, place.path);
}

/** The failure of a forge that pipelines cannot be committed to. */
export const noPipelines = ({ api }: Pick<ForgePlace, 'api'>): PivoError => new PivoError('InvalidInput', `${api.host} is a Gitea: pipelines are made for GitLab and GitHub`, { facts: { host: api.host }, hint: 'Generate a pipeline for a repository on GitLab or GitHub; backups work from every forge.' });

export async function certificates(file: string): Promise<string[]> {
  const own = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new PivoError('InvalidInput', `the certificates ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { hint: 'Correct forges.caFile in config.toml.', cause: error });
  });
  return [...getCACertificates('default'), own];
}
