// Opens the listing of an owner's repositories on one of the forges.
import { PivoError } from '../contract/failures.ts';
import type { SourceSpec } from '../contract/source.ts';
import type { AnswerMemory, Listing } from './listing.ts';
import { certificates, DEFAULT_PATH, KNOWN, type ForgeOpening } from './open.ts';
import { isSafe, type ForgeKind, type ForgeSettings } from './settings.ts';
import type { ForgeAccess } from './wire.ts';

/** The forge of a source, and how it is asked. */
export interface SourceForge {
  kind: ForgeKind;
  /** Base of the API, which ends with "/". */
  api: URL;
  /** The credential whose token is used; null: none. */
  credential: string | null;
  caFile: string | null;
}

type SpecOfForge = Pick<SourceSpec, 'kind' | 'host' | 'credential' | 'apiCredential' | 'transport'>;

const FORGE: Record<ForgeKind, ForgeAccess['forge']> = { github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea' };

/** The credential for a forge's API that a source names; git's own is a key where it goes by ssh, and no token. */
export const apiCredentialOf = ({ credential, apiCredential, transport }: Pick<SourceSpec, 'credential' | 'apiCredential' | 'transport'>): string | undefined => apiCredential ?? (transport === 'ssh' ? undefined : credential);

/** Where a source's forge is. Fails with InvalidInput where nothing says, where the configuration has another kind for it, or where a token would go over a network in the clear. */
export function forgeOfSource(spec: SpecOfForge, forges: readonly ForgeSettings[]): SourceForge {
  const { kind, host } = spec;
  if (kind === 'list') throw new PivoError('InvalidInput', 'a list is no forge');
  const known = KNOWN.find((each) => each.kind === kind);
  const place = host === undefined ? null : new URL(host);
  const name = place?.host ?? known?.host;
  if (name === undefined) throw new PivoError('InvalidInput', `a source on ${FORGE[kind]} needs the forge's address`, { hint: 'Give it with --host https://git.example.com.' });
  const configured = forges.find((each) => each.host === name);
  if (configured !== undefined && configured.kind !== kind) throw new PivoError('InvalidInput', `${name} is a ${FORGE[configured.kind]}, says config.toml`, { hint: `Add the source with --${configured.kind}, or correct forges.kind.` });
  const api = configured?.api ?? (known?.host === name ? known.api : undefined) ?? `${place === null ? `https://${name}` : `${place.origin}${place.pathname.replace(/\/+$/, '')}`}${DEFAULT_PATH[kind]}`;
  if (!isSafe(api)) throw new PivoError('InvalidInput', `${name} would be asked without encryption`, { hint: 'Give its address with https; http is for this machine only.' });
  return { kind, api: new URL(`${api.replace(/\/+$/, '')}/`), credential: apiCredentialOf(spec) ?? configured?.credential ?? null, caFile: configured?.caFile ?? null };
}

/** A source's forge and how it is asked. Fails with InvalidInput as `forgeOfSource` does. */
export async function accessOfSource(spec: SpecOfForge, { forges, token }: Pick<ForgeOpening, 'forges' | 'token'>): Promise<{ kind: ForgeKind; access: ForgeAccess }> {
  const { kind, api, credential, caFile } = forgeOfSource(spec, forges);
  return { kind, access: { forge: FORGE[kind], api, credential, ...(credential === null ? {} : { token: () => token(credential) }), ...(caFile === null ? {} : { ca: await certificates(caFile) }) } };
}

/** Fails with InvalidInput as `forgeOfSource` does; the listing with CredentialMissing where the credential has no token. */
export async function openListing(spec: SpecOfForge & Pick<SourceSpec, 'owner'>, opening: Pick<ForgeOpening, 'forges' | 'token'>, memory: AnswerMemory): Promise<Listing> {
  const { kind, access } = await accessOfSource(spec, opening);
  if (kind === 'github') return (await import('./github/listing.ts')).openGithubListing(access, spec, memory);
  if (kind === 'gitlab') return (await import('./gitlab/listing.ts')).openGitlabListing(access, spec, memory);
  return (await import('./gitea/listing.ts')).openGiteaListing(access, spec, memory);
}
