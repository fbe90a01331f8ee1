// Sources as the state database keeps them: what people said of them, and the repositories that were found.
import type { Database } from 'better-sqlite3';
import { PivoError } from '../contract/failures.ts';
import { SourceSpec, type DecidedRepository, type ListedRepository, type NamedRepository, type SourceBook, type SourceRepository, type SourceState } from '../contract/source.ts';
import { readState, withState } from './open.ts';
import { settle } from './source-settling.ts';
import { REPOSITORY_COLUMNS, repositoryOf, type StoredRepository } from './source-rows.ts';

/** Adapter of the port SourceBook; nothing stays open. */
export function stateSources(path: string): SourceBook {
  return {
    source: (name) => readState(path, null, (db) => findSource(db, name)),
    sources: () => readState(path, [], (db) => db.prepare<[], { spec: string }>('SELECT spec FROM sources ORDER BY name').all().map(specOf)),
    beginDiscovery: (source, discovery) => withState(path, (db) => db.transaction(() => begin(db, source, discovery)).immediate()),
    keepPage: (source, discovery, page) => withState(path, (db) => db.transaction(() => keepPage(db, source, discovery, page)).immediate()),
    listed: (source, discovery) => readState(path, [], (db) => listed(db, source, discovery)),
    missing: (source, discovery) => withState(path, (db) => missing(db, source, discovery)),
    endDiscovery: (source, discovery, decided, dryRun) => withState(path, (db) => db.transaction(() => settle(db, { source, discovery, decided, dryRun })).immediate()),
    names: () => readState(path, [], (db) => db.prepare<[], NamedRepository>('SELECT source, id, path, url, repo_name AS repository FROM source_repositories').all()),
    repositories: (source, after, limit, state) => readState(path, [], (db) => repositories(db, { source, after, limit, state })),
    kept: (source, key) => readState(path, null, (db) => db.prepare<[string, string], { etag: string; body: string }>('SELECT etag, body FROM source_answers WHERE source = ? AND url = ?').get(source, key) ?? null),
    keep: (source, key, { etag, body }) => withState(path, (db) => void db.prepare('INSERT INTO source_answers (source, url, etag, body) SELECT name, ?, ?, ? FROM sources WHERE name = ? ON CONFLICT (source, url) DO UPDATE SET etag = excluded.etag, body = excluded.body').run(key, etag, body, source)),
  };
}

const specOf = ({ spec }: { spec: string }): SourceSpec => SourceSpec.parse(JSON.parse(spec));

function findSource(db: Database, name: string): SourceSpec | null {
  const stored = db.prepare<[string], { spec: string }>('SELECT spec FROM sources WHERE name = ?').get(name);
  return stored === undefined ? null : specOf(stored);
}

/** An older listing of the source goes; its answers stay, they are what conditional requests are made of. */
function begin(db: Database, source: string, discovery: string): void {
  const { changes } = db.prepare('UPDATE sources SET discovery = ? WHERE name = ?').run(discovery, source);
  if (changes === 0) throw unknownSource(source);
  db.prepare('DELETE FROM source_listings WHERE source = ? AND discovery <> ?').run(source, discovery);
}

function keepPage(db: Database, source: string, discovery: string, page: readonly ListedRepository[]): void {
  const insert = db.prepare('INSERT INTO source_listings (source, discovery, id, listed) VALUES (?, ?, ?, ?) ON CONFLICT (source, discovery, id) DO UPDATE SET listed = excluded.listed');
  for (const each of page) insert.run(source, discovery, each.id, JSON.stringify(each));
}

const listed = (db: Database, source: string, discovery: string): ListedRepository[] =>
  db.prepare<[string, string], { listed: string }>('SELECT listed FROM source_listings WHERE source = ? AND discovery = ? ORDER BY id').all(source, discovery).map((row) => JSON.parse(row.listed) as ListedRepository);

function missing(db: Database, source: string, discovery: string): { missing: number; present: number } {
  const sql = `SELECT count(*) AS present, count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM source_listings AS seen WHERE seen.source = known.source AND seen.discovery = ? AND seen.id = known.id)) AS missing
    FROM source_repositories AS known WHERE source = ? AND state = 'present'`;
  return db.prepare<[string, string], { missing: number; present: number }>(sql).get(discovery, source) ?? { missing: 0, present: 0 };
}

function repositories(db: Database, { source, after, limit, state }: { source: string; after: string | null; limit: number; state: SourceState | undefined }): SourceRepository[] {
  const sql = `SELECT ${REPOSITORY_COLUMNS} FROM source_repositories WHERE source = ? AND repo_name > ? AND (? IS NULL OR state = ?) ORDER BY repo_name LIMIT ?`;
  return db.prepare<unknown[], StoredRepository>(sql).all(source, after ?? '', state ?? null, state ?? null, limit).map(repositoryOf);
}

/** The failure of a name that no source has. */
export const unknownSource = (name: string): PivoError => new PivoError('NotFound', `there is no source "${name}"`, { hint: 'List them with `pivo source list`, or add it: pivo source add.' });

/** Adds a source. Fails with Exists. */
export function addSource(path: string, spec: SourceSpec): void {
  const { changes } = withState(path, (db) => db.prepare('INSERT INTO sources (name, spec, added) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(spec.name, JSON.stringify(spec), new Date().toISOString()));
  if (changes === 0) throw new PivoError('Exists', `there is a source "${spec.name}" already`, { hint: `Choose another name, or remove it first: pivo source remove ${spec.name}` });
}

/** Forgets a source and what was found in it; the archive keeps its repositories. Fails with NotFound. */
export function removeSource(path: string, name: string): { repositories: number } {
  const removed = withState(path, (db) =>
    db.transaction(() => {
      const count = db.prepare<[string], { repositories: number }>("SELECT count(*) AS repositories FROM source_repositories WHERE source = ? AND state = 'present'").get(name);
      return { repositories: count?.repositories ?? 0, ...db.prepare('DELETE FROM sources WHERE name = ?').run(name) };
    }).immediate(),
  );
  if (removed.changes === 0) throw unknownSource(name);
  return { repositories: removed.repositories };
}

/** A source with how much was found in it. */
export type SourceSummary = { spec: SourceSpec; added: string; /** End of the last whole discovery. */ discovered: string | null } & Record<SourceState, number>;

/** By name; `name`: that one only. */
export function summarizeSources(path: string, name?: string): SourceSummary[] {
  const countOf = (state: SourceState): string => `(SELECT count(*) FROM source_repositories WHERE source = sources.name AND state = '${state}') AS ${state}`;
  const sql = `SELECT spec, added, discovered, ${countOf('present')}, ${countOf('vanished')}, ${countOf('excluded')} FROM sources WHERE ? IS NULL OR name = ? ORDER BY name`;
  return readState(path, [], (db) => db.prepare<unknown[], Omit<SourceSummary, 'spec'> & { spec: string }>(sql).all(name ?? null, name ?? null).map((row) => ({ ...row, spec: specOf(row) })));
}

/** What the newest discovery decided of what it listed, after the repository of that name, by name. */
export function decidedRepositories(path: string, source: string, discovery: string, page: { after: string | null; limit: number }): DecidedRepository[] {
  const sql = "SELECT decided FROM source_listings WHERE source = ? AND discovery = ? AND decided ->> 'repository' > ? ORDER BY decided ->> 'repository' LIMIT ?";
  return readState(path, [], (db) => db.prepare<unknown[], { decided: string }>(sql).all(source, discovery, page.after ?? '', page.limit).map((row) => JSON.parse(row.decided) as DecidedRepository));
}
