// What the repositories of a source are called in the archive.
import { createHash } from 'node:crypto';
import { RepositoryName } from '../contract/names.ts';

/** Characters of a name. */
const LONGEST = 100;
/** Digits of the hash that tells two apart which would be called the same. */
const HASH = 8;

/** The names that a repository may have, the best first: `owner.name` of its whole path, that with the host in front, that with a hash of its id behind. */
export function namesFor({ id, path, host }: { id: string; path: string; host: string }): string[] {
  const own = plain(path);
  const far = plain(`${host}/${path}`);
  const hash = createHash('sha256').update(`${host} ${id}`).digest('hex').slice(0, HASH);
  const sure = `${far.slice(0, LONGEST - HASH - 1).replace(/[.-]+$/, '')}-${hash}`;
  return [own, far, sure].filter((name) => RepositoryName.safeParse(name).success);
}

/** Slashes become dots and what a name cannot hold becomes "-"; one that is cut is no name. */
function plain(path: string): string {
  const name = path.replaceAll('/', '.').replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return /(\.|\.lock|\.git)$/.test(name) ? `${name}-repository` : name;
}
