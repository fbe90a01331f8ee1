// What the messages of the commit and audit topics have to tell others.
import { AuditEvent, SnapshotEvent } from '../contract/events.ts';
import type { Notification } from '../contract/notification.ts';

/** Names of destroyed refs that a notification lists. */
const LISTED_REFS = 10;

/** Audit outcomes of a backup that somebody has to look at. */
const FAILED: readonly AuditEvent['outcome'][] = ['failed', 'refused'];

/** The notifications that one message is worth; none for what is no event: the metadata service buries that. `id`: of the message. */
export function newsOf({ id, value }: { id: string; value: string }): Notification[] {
  if (id.startsWith('snapshot:')) return id.endsWith(':0') ? newsOfVisit(parsed(SnapshotEvent, value)) : [];
  return id.startsWith('audit:ingest:') ? newsOfIngest(parsed(AuditEvent, value)) : [];
}

function parsed<T>(schema: { safeParse(value: unknown): { success: boolean; data?: T } }, value: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

/** An unchanged origin is no news. */
function newsOfVisit(event: SnapshotEvent | undefined): Notification[] {
  if (event === undefined || event.outcome === 'unchanged') return [];
  const { repository, visit, time, origin, snapshot, outcome, refCount, packs, packBytes, newPacks, newBytes, holes, changes } = event;
  const { destroyed, ...moved } = changes;
  const done: Notification = { event: 'visit.done', key: `visit.done:${repository}:${visit}`, time, repository, facts: { origin, visit, snapshot, outcome, refs: refCount, ...moved, packs, packBytes, newPacks, newBytes, holes } };
  if (destroyed?.holds !== true) return [done];
  const refs = destroyed.refs.slice(0, LISTED_REFS).map(({ kind, name }) => ({ kind, name }));
  const { total, truncated, emptied, commits } = destroyed;
  return [done, { event: 'visit.held', key: `visit.held:${repository}:${visit}`, time, repository, facts: { origin, visit, snapshot, destroyed: total, truncated, emptied, commits, refs } }];
}

function newsOfIngest(event: AuditEvent | undefined): Notification[] {
  if (event === undefined || !FAILED.includes(event.outcome)) return [];
  const { id, time, repository, outcome, actor, workflow, details } = event;
  const text = (name: string): string | null => (typeof details[name] === 'string' ? details[name] : null);
  return [{ event: 'visit.failed', key: id, time, repository, facts: { outcome, kind: text('kind'), message: text('message'), hint: text('hint'), requestedBy: actor, workflow: workflow?.id ?? null } }];
}
