// Addresses of the git remote: `/git/{repository}.git/…` and `/git/{repository}@{point}.git/…`.
import { PivoError } from '../../../contract/failures.ts';
import { LATEST } from '../../../contract/spec.ts';

export interface GitAddress {
  repository: string;
  point: string;
  /** What is asked for below the repository. */
  path: string;
}

const FORM = /^\/git\/([^/@]+?)(?:@(.+?))?(?:\.git)?\/(info\/refs|info\/lfs\/.*|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

/** The parts of a path. A point may hold `/`, as it is or as `%2F`. Fails with NotFound for anything else. */
export function gitAddress(pathname: string): GitAddress {
  const [, repository, point = LATEST, path = ''] = FORM.exec(pathname) ?? [];
  if (repository === undefined) throw new PivoError('NotFound', `${pathname} is no address of the git remote`, { hint: 'Repositories are at /git/{repository}.git and /git/{repository}@{point}.git.' });
  try {
    return { repository: decodeURIComponent(repository), point: decodeURIComponent(point), path };
  } catch (error) {
    throw new PivoError('InvalidInput', `${pathname} is not well encoded`, { cause: error });
  }
}
