// The end of a discovery: what was listed becomes the source's repositories, and what was not is vanished.
import type { Database } from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import type { DecidedRepository, Discovery, SourceRepository } from '../contract/source.ts';
import { REPOSITORY_COLUMNS, repositoryOf, type StoredRepository } from './source-rows.ts';

interface Settling {
  source: string;
  discovery: string;
  decided: readonly DecidedRepository[];
  dryRun: boolean;
}

/** Within a transaction of the caller's. Fails with Exists where another discovery began since. */
export function settle(db: Database, { source, discovery, decided, dryRun }: Settling): Discovery {
  const now = new Date().toISOString();
  const newest = db.prepare<[string], { discovery: string | null }>('SELECT discovery FROM sources WHERE name = ?').get(source)?.discovery;
  if (newest !== discovery) throw new PivoError('Exists', `another discovery of source "${source}" began since`, { hint: 'Nothing was changed by this one; the other goes on.' });
  const before = new Map(db.prepare<[string], StoredRepository>(`SELECT ${REPOSITORY_COLUMNS} FROM source_repositories WHERE source = ?`).all(source).map((row) => [row.id, repositoryOf(row)]));
  const listed = new Set(decided.map(({ id }) => id));
  const names = new Set(decided.map(({ repository }) => repository));
  const gone = [...before.values()].filter(({ id }) => !listed.has(id));
  const replaced = gone.filter(({ repository }) => names.has(repository)); // made anew under the same address: the forge gave it another id
  const vanished = gone.filter(({ repository, state }) => state !== 'vanished' && !names.has(repository));
  if (!dryRun) {
    for (const { id } of replaced) db.prepare('DELETE FROM source_repositories WHERE source = ? AND id = ?').run(source, id);
    for (const { id } of vanished) db.prepare("UPDATE source_repositories SET state = 'vanished', reason = NULL WHERE source = ? AND id = ?").run(source, id);
    keep(db, source, decided.map((each) => [each, before.get(each.id)]), now);
    db.prepare('UPDATE sources SET discovered = ? WHERE name = ?').run(now, source);
  }
  tell(db, source, discovery, decided);
  return { source, discovery, ...countsOf(decided, before), vanished: vanished.length };
}

function countsOf(decided: readonly DecidedRepository[], before: ReadonlyMap<string, SourceRepository>): Pick<Discovery, 'present' | 'excluded' | 'new' | 'renamed'> {
  const taken = decided.filter(({ excluded }) => excluded === null);
  return {
    present: taken.length,
    excluded: decided.length - taken.length,
    new: taken.filter(({ id }) => !before.has(id)).length,
    renamed: decided.filter(({ id, path }) => isRenamed(before.get(id), path)).length,
  };
}

const isRenamed = (before: SourceRepository | undefined, path: string): boolean => before !== undefined && before.path !== path;

function keep(db: Database, source: string, decided: readonly [DecidedRepository, SourceRepository | undefined][], now: string): void {
  const insert = db.prepare(`INSERT INTO source_repositories (source, id, repo_name, path, url, archived, fork, wiki, empty, state, reason, former_url, renamed_from, first_seen, last_seen)
    VALUES (@source, @id, @repository, @path, @url, @archived, @fork, @wiki, @empty, @state, @excluded, @formerUrl, @renamedFrom, @now, @now)
    ON CONFLICT (source, id) DO UPDATE SET repo_name = excluded.repo_name, path = excluded.path, url = excluded.url, archived = excluded.archived, fork = excluded.fork, wiki = excluded.wiki, empty = excluded.empty,
      state = excluded.state, reason = excluded.reason, former_url = excluded.former_url, renamed_from = excluded.renamed_from, last_seen = excluded.last_seen`);
  for (const [{ name: _name, ...each }, before] of decided) {
    const renamedFrom = [...(before?.renamedFrom ?? []), ...(before !== undefined && isRenamed(before, each.path) ? [before.path] : [])];
    const flags = { archived: Number(each.archived), fork: Number(each.fork), wiki: Number(each.wiki), empty: Number(each.empty) };
    insert.run({ ...each, ...flags, source, state: each.excluded === null ? 'present' : 'excluded', renamedFrom: JSON.stringify(renamedFrom), now });
  }
}

/** What was decided stays readable until the next discovery. */
function tell(db: Database, source: string, discovery: string, decided: readonly DecidedRepository[]): void {
  const update = db.prepare('UPDATE source_listings SET decided = ? WHERE source = ? AND discovery = ? AND id = ?');
  for (const each of decided) update.run(JSON.stringify(each), source, discovery, each.id);
}
