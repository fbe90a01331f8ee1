// Rows of SNAPSHOT events: the visit, and the refs of its snapshot where they are new.
import type Database from 'better-sqlite3';
import type { SnapshotEvent } from '../contract/events.ts';
import { knownIds } from './known-ids.ts';

const VISIT_COLUMNS = [
  'repository', 'visit', 'snapshot_id', 'origin', 'time', 'object_format', 'outcome', 'head_ref', 'head_commit', 'refs', 'packs', 'pack_bytes', 'new_packs', 'new_bytes', 'holes', 'findings',
  'refs_created', 'refs_updated', 'refs_forced', 'refs_deleted', 'refs_truncated', 'refs_destroyed', 'commits_lost', 'checkout_commit', 'checkout_kind', 'checkout_path', 'checkout_files', 'checkout_bytes', 'workflow_id', 'run_id',
];

/** A visit's row is written with its last part: where it is, all of its refs and commits are. */
export function snapshotWriter(db: Database.Database): (event: SnapshotEvent) => void {
  const repositoryId = knownIds(db, 'repositories', ['name']);
  const findSnapshot = db.prepare('SELECT id FROM stored_snapshots WHERE repository = ? AND snapshot = ?').pluck();
  const insertSnapshot = db.prepare('INSERT INTO stored_snapshots (repository, snapshot) VALUES (?, ?)');
  const insertRef = db.prepare('INSERT INTO stored_refs (snapshot_id, name, object, type, peeled) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertVisit = db.prepare(`INSERT INTO stored_visits (${VISIT_COLUMNS.join(', ')}) VALUES (${VISIT_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`);
  const insertDestruction = db.prepare('INSERT INTO stored_destructions (repository, visit, kind, ref_name, old_object, new_object, lost) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  return (event) => {
    const repository = repositoryId(event.repository);
    const snapshot = (findSnapshot.get(repository, event.snapshot) as number | undefined) ?? Number(insertSnapshot.run(repository, event.snapshot).lastInsertRowid);
    for (const ref of event.refs) insertRef.run(snapshot, ref.name, ref.oid, ref.type, ref.peeled ?? null);
    if (event.part < event.parts - 1) return;
    insertVisit.run(repository, event.visit, snapshot, ...visitValues(event));
    for (const destroyed of destructionValues(event)) insertDestruction.run(repository, event.visit, ...destroyed);
  };
}

function visitValues({ origin, time, objectFormat, outcome, head, refCount, packs, packBytes, newPacks, newBytes, holes, findings, changes, checkout, workflow }: SnapshotEvent): (string | number | null)[] {
  return [
    origin, time, objectFormat, outcome, head.symref, head.oid, refCount, packs, packBytes, newPacks, newBytes, holes, findings ?? 0,
    changes.created, changes.updated, changes.forced, changes.deleted, changes.destroyed?.truncated ?? 0, changes.destroyed?.total ?? 0, changes.destroyed === undefined ? 0 : changes.destroyed.commits, checkout.commit, checkout.kind, checkout.path, checkout.files, checkout.bytes, workflow.id, workflow.runId,
  ];
}

function destructionValues({ changes: { destroyed } }: SnapshotEvent): (string | number | null)[][] {
  if (destroyed === undefined) return [];
  const emptied = destroyed.emptied ? [['emptied', '', null, null, destroyed.commits === 0 ? 0 : 1]] : [];
  return [...emptied, ...destroyed.refs.map((ref) => [ref.kind, ref.name, ref.old, ref.new, ref.lost ? 1 : 0])];
}
