// Rows of AUDIT events.
import type Database from 'better-sqlite3';
import type { AuditEvent } from '../contract/events.ts';

export function auditWriter(db: Database.Database): (event: AuditEvent) => void {
  const insert = db.prepare('INSERT INTO audit (id, time, action, outcome, repo_name, actor, workflow_id, run_id, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  return (event) => {
    insert.run(event.id, event.time, event.action, event.outcome, event.repository, event.actor, event.workflow?.id ?? null, event.workflow?.runId ?? null, JSON.stringify(inOrder(event.details)));
  };
}

/** The same value with the keys of all objects sorted, so that equal details are equal text. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, inOrder(inner)]));
}
