// Makes projects on GitLab, below a group or a user's own namespace (REST API, "Projects" and "Namespaces").
import { PivoError } from '../../contract/failures.ts';
import type { RepositoryMaker } from '../creation.ts';
import { callsOf } from '../making.ts';
import type { ForgeAccess } from '../wire.ts';

/** `owner`: the namespace with all its groups. */
export function gitlabMaker(access: ForgeAccess, owner: string): RepositoryMaker {
  const { get, send } = callsOf(access);
  const at = (name: string): string => `projects/${encodeURIComponent(`${owner}/${name}`)}`;
  let namespace: Promise<unknown> | undefined;
  const idOf = async (signal: AbortSignal | undefined): Promise<unknown> => {
    const found = await get(`namespaces/${encodeURIComponent(owner)}`, signal);
    if (found === null) throw new PivoError('NotFound', `${access.forge} has no group ${owner} that this token may see`, { hint: 'Make the group first, or restore to another one.' });
    return found['id'];
  };
  return {
    kind: 'gitlab',
    isThere: async (name, signal) => (await get(at(name), signal)) !== null,
    async create(name, signal) {
      await send('POST', 'projects', { name, path: name, namespace_id: await (namespace ??= idOf(signal)), visibility: 'private', initialize_with_readme: false }, signal);
    },
    setDefaultBranch: (name, branch, signal) => send('PUT', at(name), { default_branch: branch }, signal),
  };
}
