// Which repository of the archive a URL or a name means, for pipelines.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName, nameOfOrigin } from '../contract/names.ts';
import { latestVisit, listRepositories } from '../archive/visits.ts';
import { checkUrl } from '../git/url.ts';
import { sameOrigin } from '../webhooks/same-origin.ts';
import type { OperationContext } from './operation.ts';

/** What pipelines are asked for by. */
export const RepoUrl = z.string().min(1).max(4096).describe('URL of the repository as it was backed up, or its name in the archive.');

/** Name and origin. Fails with NotFound for a repository that was never backed up, with Ambiguous, and with UrlRefused. */
export async function archivedRepository({ store, git }: OperationContext, repoUrl: string): Promise<{ repository: string; origin: string }> {
  const named = RepositoryName.safeParse(repoUrl);
  const visit = named.success ? await latestVisit(store, named.data) : null;
  if (named.success && visit !== null) return { repository: named.data, origin: visit.origin };
  if (named.success) throw unknown(repoUrl, `pivo ingest URL --name ${repoUrl}`);
  const { url } = checkUrl(repoUrl, git.protocols); // a secret in it is refused before it is told or kept
  const usual = await underUsualName(store, url);
  if (usual !== null) return usual;
  const found = (await originsOf(store)).filter(({ origin }) => sameOrigin(origin) === sameOrigin(url));
  if (found.length > 1) throw new PivoError('Ambiguous', `${url} is backed up under several names: ${found.map(({ repository }) => repository).join(', ')}`, { hint: 'Give one of these names.' });
  if (found[0] === undefined) throw unknown(url, `pivo ingest ${url}`);
  return found[0];
}

/** The repository of the name that an origin has where nobody chose another: one look instead of one for each repository. */
async function underUsualName(store: OperationContext['store'], url: string): Promise<{ repository: string; origin: string } | null> {
  const name = RepositoryName.safeParse(nameOfOrigin(url));
  const visit = name.success ? await latestVisit(store, name.data) : null;
  return name.success && visit !== null && sameOrigin(visit.origin) === sameOrigin(url) ? { repository: name.data, origin: visit.origin } : null;
}

const unknown = (what: string, command: string): PivoError => new PivoError('NotFound', `${what} is not in the archive`, { hint: `A pipeline is made of what the archive holds. Back it up first: ${command}` });

async function originsOf(store: OperationContext['store']): Promise<{ repository: string; origin: string }[]> {
  const visits = await Promise.all((await listRepositories(store)).map(async (repository) => ({ repository, visit: await latestVisit(store, repository) })));
  return visits.flatMap(({ repository, visit }) => (visit === null ? [] : [{ repository, origin: visit.origin }]));
}
