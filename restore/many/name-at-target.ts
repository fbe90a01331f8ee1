// What a repository of the archive is called at a target that holds many: by its own name there, without the owner it had at its origin.
import { RepositoryName } from '../../contract/names.ts';

/** Host and the parts of the path of an origin, in any form that git takes but a path of a machine. */
function partsOf(origin: string): { host: string; parts: string[] } | null {
  const [, scpHost, scpPath] = /^(?:[^@/:\s]+@)?([^@/:\s]+):(?!\/\/)(.+)$/.exec(origin) ?? [];
  const parsed = scpHost === undefined ? URL.parse(origin) : null;
  if (scpHost === undefined && (parsed === null || parsed.protocol === 'file:' || parsed.hostname === '')) return null;
  const path = (scpPath ?? parsed?.pathname ?? '').replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return { host: (scpHost ?? parsed?.hostname ?? '').toLowerCase(), parts: path.split('/').filter((part) => part !== '') };
}

/**
 * The name below a forge's owner: `acme.web` of `https://host/acme/web` is `web`, also when the repository was renamed since, and when
 * the host stands in front because two hosts collide. A name that does not begin with its origin's owner is kept as it is.
 */
export function nameAtTarget(repository: string, origin: string): string {
  const { host, parts } = partsOf(origin) ?? { host: '', parts: [] };
  const owner = parts.slice(0, -1).join('.');
  const prefix = owner === '' ? undefined : [`${host}.${owner}.`, `${owner}.`].find((each) => repository.toLowerCase().startsWith(each.toLowerCase()));
  const name = repository.slice(prefix?.length ?? 0);
  return RepositoryName.safeParse(name).success ? name : repository;
}
