// The forge that a restore of many goes to, where it is one whose API may be asked.
import { openMakerOrNull, placeOnForge, type RepositoryMaker } from '../../forges/creation.ts';
import { nameOfToken, tokenOf } from '../../git/credentials.ts';
import type { ActivityDeps } from '../act.ts';

/** The maker for the owner of a repository's URL; null for a plain git server, and where no token is at hand. */
export async function makerAt({ credentials, pipelines }: Pick<ActivityDeps, 'credentials' | 'pipelines'>, target: string, credential: string | undefined): Promise<RepositoryMaker | null> {
  return openMakerOrNull(target, { forges: pipelines?.forges ?? [], credential: await nameOfToken(credentials, credential), token: (name) => tokenOf(credentials, name) });
}

/** The name of a repository's URL at its forge. */
export const nameOnForge = ({ pipelines }: Pick<ActivityDeps, 'pipelines'>, target: string): string => placeOnForge(target, pipelines?.forges ?? []).name;
