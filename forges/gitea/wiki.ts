// Whether anybody has written a page into a wiki of Gitea or Forgejo (API v1, "repository": repos/{owner}/{repo}/wiki/pages).
import { isPivoError } from '../../contract/failures.ts';
import { openWire, type ForgeAccess } from '../wire.ts';

/** `path` is `owner/name` of the repository. Fails as the wire does; a repository that is not there has no wiki. */
export async function giteaWikiIsWritten(access: ForgeAccess, path: string, signal: AbortSignal): Promise<boolean> {
  const repository = path.split('/').map(encodeURIComponent).join('/');
  return openWire(access).ask(new URL(`repos/${repository}/wiki/pages?limit=1`, access.api), { signal }).then(() => true, (error: unknown) => {
    if (isPivoError(error, 'NotFound')) return false;
    throw error;
  });
}
