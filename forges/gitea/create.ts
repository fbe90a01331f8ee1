// Makes repositories on Gitea or Forgejo, for an organisation or for the user whose token it is (API v1, "organization" and "repository").
import type { RepositoryMaker } from '../creation.ts';
import { callsOf, ownRepositories } from '../making.ts';
import type { ForgeAccess } from '../wire.ts';

export function giteaMaker(access: ForgeAccess, owner: string): RepositoryMaker {
  const calls = callsOf(access);
  const { get, send } = calls;
  const at = (name: string): string => `repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  let place: Promise<string> | undefined;
  const placeOf = async (signal: AbortSignal | undefined): Promise<string> => ((await get(`orgs/${encodeURIComponent(owner)}`, signal)) === null ? ownRepositories(calls, access, owner, signal) : `orgs/${encodeURIComponent(owner)}/repos`);
  return {
    kind: 'gitea',
    isThere: async (name, signal) => (await get(at(name), signal)) !== null,
    async create(name, signal) {
      await send('POST', await (place ??= placeOf(signal)), { name, private: true, auto_init: false }, signal);
    },
    setDefaultBranch: (name, branch, signal) => send('PATCH', at(name), { default_branch: branch }, signal),
  };
}
