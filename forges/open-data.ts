// Opens the data of the repository that a URL names, on whichever forge.
import { PivoError } from '../contract/failures.ts';
import type { ForgeData } from './data.ts';
import { certificates, forgeOf, type ForgeOpening, type ForgePlace } from './open.ts';
import type { ForgeAccess } from './wire.ts';

/**
 * With the token of a stored credential, read anew for each request; without one it is asked as anybody may.
 * Fails with InvalidInput as forgeOf does.
 */
export async function openForgeData(url: string, { forges, credential, token }: ForgeOpening): Promise<ForgeData> {
  const place = forgeOf(url, forges);
  const name = credential ?? place.credential;
  const shared = { api: place.api, credential: name, ...(name === null ? {} : { token: () => token(name) }), ...(place.caFile === null ? {} : { ca: await certificates(place.caFile) }) };
  return opened(place, shared);
}

async function opened({ kind, path, api }: ForgePlace, shared: Omit<ForgeAccess, 'forge'>): Promise<ForgeData> {
  if (kind === 'github') return (await import('./github/data.ts')).openGithubData({ ...shared, forge: 'GitHub' }, path);
  if (kind === 'gitlab') return (await import('./gitlab/data.ts')).openGitlabData({ ...shared, forge: 'GitLab' }, path);
  if (kind === 'gitea') return (await import('./gitea/data.ts')).openGiteaData({ ...shared, forge: 'Gitea' }, path);
  throw new PivoError('InvalidInput', `${api.host} is of a kind that PIVO reads no data from`);
}
