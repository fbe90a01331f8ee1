// Act: whether there is a repository behind a wiki that a forge offers: most have none until somebody writes a page.
import { latestVisit } from '../../archive/visits.ts';
import { isPivoError } from '../../contract/failures.ts';
import { giteaWikiIsWritten } from '../../forges/gitea/wiki.ts';
import { accessOfSource } from '../../forges/open-listing.ts';
import { tokenOf } from '../../git/credentials.ts';
import { lsRemote } from '../../git/ls-remote.ts';
import { withRemote } from '../../git/remote.ts';
import type { ActRun, ActivityDeps } from '../act.ts';

/** Git may take so much memory, in bytes, for the refs of a wiki. */
const MEMORY = 2 ** 30;

/** A wiki in a source. */
export interface OfferedWiki {
  repository: string;
  url: string;
  credential: string | null;
  /** Missing in runs that an earlier version began. */
  source?: string;
  /** On the forge, with `.wiki` behind; missing as `source` is. */
  path?: string;
}

/** False only where the server says that there is none, and none was ever backed up: everything else is the backup's to find out, and to tell. */
export async function wikiIsThere(deps: ActivityDeps, wiki: OfferedWiki, { signal }: ActRun): Promise<boolean> {
  if ((await latestVisit(deps.store, wiki.repository)) !== null) return true;
  try {
    await withRemote(wiki.url, { ...deps, credential: wiki.credential, limits: { memory: MEMORY, file: 2 ** 20 } }, (remote) => lsRemote(remote, { signal }));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isPivoError(error, 'OriginRefused')) return error.facts['missing'] !== true;
    return !isPivoError(error, 'OriginUnreachable') || forgeSaysWritten(deps, wiki, signal);
  }
}

/** Gitea 1.26 answers git with status 500 where a wiki has no repository yet, so its API is asked; who cannot be asked has not said no. */
async function forgeSaysWritten(deps: ActivityDeps, { source, path }: OfferedWiki, signal: AbortSignal): Promise<boolean> {
  const spec = source === undefined ? undefined : deps.fleet?.book.source(source);
  if (spec?.kind !== 'gitea' || path === undefined) return true;
  try {
    const { access } = await accessOfSource(spec, { forges: deps.fleet?.forges ?? [], token: (name) => tokenOf(deps.credentials, name) });
    return await giteaWikiIsWritten(access, path.replace(/\.wiki$/, ''), signal);
  } catch {
    signal.throwIfAborted();
    return true;
  }
}
