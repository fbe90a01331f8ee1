// Chooses the repositories of a restore of many, and where each of them goes.
import { listRepositories, latestVisit } from '../../archive/visits.ts';
import { parseInstant } from '../../archive/reading/instants.ts';
import type { Store } from '../../archive/store.ts';
import { PivoError, type FailureReport } from '../../contract/failures.ts';
import type { ChosenRestore, RestoreAllChoice } from '../../contract/restore-all.ts';
import { CURRENT, LATEST } from '../../contract/spec.ts';
import { matchesText } from '../../contract/wildcards.ts';
import { checkUrl, type CheckedUrl } from '../../git/url.ts';
import { atOnce } from './at-once.ts';
import { nameAtTarget } from './name-at-target.ts';

export interface Choosing {
  store: Store;
  protocols: readonly string[];
  /** Names of the source's repositories; null where none was asked for. */
  listed: ReadonlySet<string> | null;
}

/** Visits that are read at the same time. */
const READS = 8;

/**
 * The repositories in byte order of their names, each with its target. Names that collide at a forge are refused, all of them.
 * Fails with InvalidInput for an `at` that is no instant, UrlRefused, and NotFound when nothing fits.
 */
export async function chooseRestores(choice: RestoreAllChoice, { store, protocols, listed }: Choosing): Promise<ChosenRestore[]> {
  checkAt(choice.at);
  const base = checkUrl(choice.target, protocols);
  const names = await namesOf(choice, store, listed);
  if (base.protocol === 'file') return names.map((repository) => ({ repository, target: `${base.url === '/' ? '' : base.url}/${repository}.git`, refused: null }));
  const placed = await atOnce(READS, names, async (repository) => ({ repository, name: nameAtTarget(repository, (await latestVisit(store, repository).catch(() => null))?.origin ?? '') }));
  const taken = Map.groupBy(placed, ({ name }) => name.toLowerCase()); // forges tell names apart without regard to case
  return placed.map(({ repository, name }) => ({ repository, target: below(base, name), refused: collision(name, repository, (taken.get(name.toLowerCase()) ?? []).map((each) => each.repository)) }));
}

/** Fails with InvalidInput for what is neither a word nor an instant: each repository has its own commits and refs. */
export function checkAt(at: string): void {
  if (at === LATEST || at === CURRENT || parseInstant(at) !== null) return;
  throw new PivoError('InvalidInput', `at: ${JSON.stringify(at)} is no instant`, { hint: 'Give an instant such as 2026-11-01T12:00Z, a date (its end), latest, or current.' });
}

async function namesOf({ repositories, source, only }: RestoreAllChoice, store: Store, listed: ReadonlySet<string> | null): Promise<string[]> {
  const all = repositories === undefined ? await listRepositories(store) : [...new Set(repositories)];
  const names = all.filter((name) => (listed === null || listed.has(name)) && (only.length === 0 || only.some((pattern) => matchesText(pattern, name))));
  if (names.length > 0) return names.sort();
  throw new PivoError('NotFound', `no repository of the archive is ${source === undefined ? '' : `of the source ${source}${only.length === 0 ? '' : ' and '}`}${only.length === 0 ? (source === undefined ? 'there' : '') : `named like ${only.join(', ')}`}`, { hint: '`pivo repos` lists what is there.' });
}

/** `https://host/owner` gives `https://host/owner/name.git`, `git@host:owner` gives `git@host:owner/name.git`. */
const below = ({ url }: CheckedUrl, name: string): string => `${url}${url.endsWith(':') ? '' : '/'}${name}.git`;

function collision(name: string, repository: string, wanting: readonly string[]): FailureReport | null {
  if (wanting.length < 2) return null;
  const others = wanting.filter((each) => each !== repository);
  return new PivoError('NameConflict', `${repository} would be ${name} there, and so would ${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`, {
    hint: 'Restore them apart, each owner below a group of its own: `--only OWNER.*` with another `--to`.', facts: { name, repositories: wanting.slice(0, 20) },
  }).report();
}
