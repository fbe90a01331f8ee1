// Checks a request before anything is touched: URL policy, name, credential, and that the name is not another origin's.
import { PivoError } from '../contract/failures.ts';
import type { IngestRequest } from '../contract/ingest.ts';
import { RepositoryName, nameOfOrigin } from '../contract/names.ts';
import { latestVisit } from '../archive/visits.ts';
import { checkCredential } from '../git/credentials.ts';
import { checkUrl } from '../git/url.ts';
import type { ActivityDeps } from './act.ts';

/** Fails with UrlRefused, CredentialMissing, InvalidInput or NameConflict; nothing is written. */
export async function validateOrigin(deps: ActivityDeps, request: IngestRequest): Promise<{ repository: string; origin: string }> {
  const checked = checkUrl(request.url, deps.protocols);
  const repository = request.name ?? nameOfOrigin(checked.url);
  if (!RepositoryName.safeParse(repository).success) {
    throw new PivoError('InvalidInput', `no name can be made from ${checked.url}`, { hint: 'Give one with --name.' });
  }
  if (request.credential !== undefined) await checkCredential(deps.credentials, request.credential, checked);
  const last = await latestVisit(deps.store, repository);
  if (last !== null && last.origin !== checked.url && last.origin !== request.formerUrl) {
    throw new PivoError('NameConflict', `the name "${repository}" belongs to ${last.origin}`, { hint: `Choose another name for ${checked.url} with --name.`, facts: { repository, origin: last.origin } });
  }
  return { repository, origin: checked.url };
}
