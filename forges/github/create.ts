// Makes repositories on GitHub, for an organisation or for the user whose token it is (REST API, "Repositories").
import { PivoError } from '../../contract/failures.ts';
import type { RepositoryMaker } from '../creation.ts';
import { callsOf, ownRepositories } from '../making.ts';
import type { ForgeAccess } from '../wire.ts';

/** The version of the REST interface that this is written for. */
const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

export function githubMaker(access: ForgeAccess, owner: string): RepositoryMaker {
  const calls = callsOf(access, HEADERS);
  const { get, send } = calls;
  const at = (name: string): string => `repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  let place: Promise<string> | undefined;
  const placeOf = async (signal: AbortSignal | undefined): Promise<string> => {
    const found = await get(`users/${encodeURIComponent(owner)}`, signal);
    if (found === null) throw new PivoError('NotFound', `${access.forge} has nobody called ${owner}`, { hint: 'Make the organisation first, or restore to another owner.' });
    return found['type'] === 'Organization' ? `orgs/${encodeURIComponent(owner)}/repos` : ownRepositories(calls, access, owner, signal);
  };
  return {
    kind: 'github',
    isThere: async (name, signal) => (await get(at(name), signal)) !== null,
    async create(name, signal) {
      await send('POST', await (place ??= placeOf(signal)), { name, private: true, auto_init: false }, signal);
    },
    setDefaultBranch: (name, branch, signal) => send('PATCH', at(name), { default_branch: branch }, signal),
  };
}
