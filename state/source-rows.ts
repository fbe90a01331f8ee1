// A repository of a source as a row of the state database.
import type { SourceRepository } from '../contract/source.ts';

/** By the names that the contract has. */
export const REPOSITORY_COLUMNS = 'source, id, repo_name AS repository, path, url, archived, fork, wiki, empty, state, reason, former_url AS formerUrl, renamed_from AS renamedFrom, first_seen AS firstSeen, last_seen AS lastSeen';

type Flag = 'archived' | 'fork' | 'wiki' | 'empty';
export type StoredRepository = Omit<SourceRepository, Flag | 'renamedFrom'> & Record<Flag, number> & { renamedFrom: string };

export const repositoryOf = ({ archived, fork, wiki, empty, renamedFrom, ...row }: StoredRepository): SourceRepository => ({
  ...row,
  archived: archived === 1,
  fork: fork === 1,
  wiki: wiki === 1,
  empty: empty === 1,
  renamedFrom: JSON.parse(renamedFrom) as string[],
});
