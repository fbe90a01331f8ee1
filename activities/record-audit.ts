// Act: one audit record, published and archived write-once; doing it twice leaves one.
import { auditPath } from '../archive/layout.ts';
import { AuditEvent } from '../contract/events.ts';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { TOPIC } from '../contract/names.ts';
import { parseInput } from '../contract/validation.ts';
import type { ActRun, ActivityDeps } from './act.ts';

export type AuditRecord = Omit<AuditEvent, 'type'>;

/**
 * Publishes the record to the audit topic and archives it. Published first: an archive that is full or read-only
 * is one of the things an audit record tells. What was published is archived in the end: an archive that takes nothing is
 * StorageUnavailable here, which is tried again. Fails as EventLog and Store do.
 */
export async function recordAudit({ events, store, vault }: ActivityDeps, record: AuditRecord, { signal, log }: ActRun): Promise<void> {
  const event = parseInput(AuditEvent, { type: 'AUDIT', ...record, details: vault?.people.texts(record.details) ?? record.details }, 'audit record');
  const value = JSON.stringify(event);
  await events.publish(TOPIC.audit, [{ key: event.repository ?? event.id, id: event.id, value, type: event.type }], signal);
  try {
    await store.create(auditPath(event.time, event.id), Buffer.from(`${value}\n`), signal);
  } catch (error) {
    if (isPivoError(error, 'Exists')) return;
    if (!isPivoError(error, 'StorageFull', 'StorageReadOnly')) throw error;
    throw new PivoError('StorageUnavailable', `the audit record waits for the archive: ${error.message}`, { hint: 'Make room or make it writable: the record is kept and follows by itself.', cause: error });
  }
  log.child({ component: 'AUDIT' }).info({ action: event.action, outcome: event.outcome, repository: event.repository, actor: event.actor, id: event.id }, 'audit');
}
