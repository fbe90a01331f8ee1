// Whether the vectors in the index are those of the configured embedder, and of all entries.
import type Database from 'better-sqlite3';
import type { LogEmbedder } from '../../contract/log-search.ts';
import type { Embedder } from './embedder.ts';
import { activeEmbedder, vectorCount } from './table.ts';

/** `db`: null where nothing was read yet. */
export function embedderState(db: Database.Database | null, { name }: Pick<Embedder, 'name'>): LogEmbedder {
  const active = db === null ? undefined : activeEmbedder(db);
  if (db === null || active === undefined) return { active: null, configured: name, vectors: 0, state: 'empty' };
  const last = db.prepare('SELECT coalesce(max(id), 0) FROM shapes').pluck().get() as number;
  return { active: active.name, configured: name, vectors: vectorCount(db, active), state: active.name === name && active.shape >= last ? 'ready' : 'embedding' };
}
