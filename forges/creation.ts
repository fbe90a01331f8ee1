// Port RepositoryMaker: the repositories below one owner of a forge: is one there, make one, say which branch is its default.
import { isPivoError, PivoError } from '../contract/failures.ts';
import { certificates, forgeOf, type ForgeOpening } from './open.ts';
import type { ForgeAccess } from './wire.ts';

/** Every method fails as those of Forge do (forge.ts). */
export interface RepositoryMaker {
  readonly kind: 'gitlab' | 'github' | 'gitea';
  /** Whether the owner has a repository of that name, also one that was renamed to another. */
  isThere(name: string, signal?: AbortSignal): Promise<boolean>;
  /** Makes an empty, private repository without any commit. Fails with Exists when there is one by now. */
  create(name: string, signal?: AbortSignal): Promise<void>;
  /** What people see first; the branch must be there. */
  setDefaultBranch(name: string, branch: string, signal?: AbortSignal): Promise<void>;
}

/** Owner (all groups of a GitLab) and name of a repository's URL. */
export interface PlaceOnForge {
  owner: string;
  name: string;
}

/** The place of a repository's URL at its forge. Fails as `forgeOf` does. */
export function placeOnForge(url: string, forges: ForgeOpening['forges']): PlaceOnForge {
  const { path } = forgeOf(url, forges);
  return { owner: path.slice(0, path.lastIndexOf('/')), name: path.slice(path.lastIndexOf('/') + 1) };
}

/** As `openMaker`; null for a plain git server and where no token is named: git alone says what is there. */
export async function openMakerOrNull(url: string, opening: ForgeOpening): Promise<RepositoryMaker | null> {
  try {
    return await openMaker(url, opening);
  } catch (error) {
    if (isPivoError(error, 'InvalidInput', 'CredentialMissing')) return null;
    throw error;
  }
}

/**
 * Opens the owner of a repository's URL. Fails with InvalidInput when its host is no forge that is known, and with CredentialMissing
 * when no token is named for it.
 */
async function openMaker(url: string, { forges, credential, token }: ForgeOpening): Promise<RepositoryMaker> {
  const place = forgeOf(url, forges);
  const { owner } = placeOnForge(url, forges);
  const name = credential ?? place.credential;
  if (name === null) throw new PivoError('CredentialMissing', `no token is named for ${place.api.host}, which makes repositories for nobody`, { hint: 'Store a token (`pivo credential add NAME`) and pass --credential NAME, or name it in [[forges]] of config.toml.' });
  const access: Omit<ForgeAccess, 'forge'> = { api: place.api, credential: name, token: () => token(name), ...(place.caFile === null ? {} : { ca: await certificates(place.caFile) }) };
  if (place.kind === 'github') return (await import('./github/create.ts')).githubMaker({ ...access, forge: 'GitHub' }, owner);
  if (place.kind === 'gitlab') return (await import('./gitlab/create.ts')).gitlabMaker({ ...access, forge: 'GitLab' }, owner);
  return (await import('./gitea/create.ts')).giteaMaker({ ...access, forge: 'Gitea' }, owner);
}
