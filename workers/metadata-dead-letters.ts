// What becomes of a message that is no event: it goes to the dead letters with the reason, and an audit record says so.
import { auditPath } from '../archive/layout.ts';
import type { Store } from '../archive/store.ts';
import type { AuditEvent } from '../contract/events.ts';
import { isPivoError } from '../contract/failures.ts';
import type { Log } from '../contract/log.ts';
import { TOPIC, deadLetterTopic } from '../contract/names.ts';
import type { Batch, EventLog, IncomingMessage } from '../events/log.ts';
import type { OpenVault } from '../vault/open.ts';

export interface DeadLetter {
  message: IncomingMessage;
  reason: string;
}

/** Publishes and archives; the same message gives the same ids, so that doing it again adds nothing to index or archive. */
export async function buryDeadLetters({ events, store, log, vault }: { events: EventLog; store: Store; log: Log; vault?: OpenVault | undefined }, batch: Batch, letters: readonly DeadLetter[]): Promise<void> {
  for (const letter of letters) {
    const audit = auditOf(batch, letter);
    log.warn({ ...audit.details }, 'a message is no event that the index knows: it went to the dead letters');
    await events.publish(deadLetterTopic(batch.topic), [{ key: letter.message.key, id: audit.id, value: JSON.stringify({ ...audit.details, time: audit.time, value: vault?.people.text(letter.message.value) ?? letter.message.value }), type: 'DEAD-LETTER' }]);
    await events.publish(TOPIC.audit, [{ key: audit.id, id: audit.id, value: JSON.stringify(audit), type: audit.type }]);
    await archive(store, audit, log);
  }
}

function auditOf({ topic, partition }: Batch, { message, reason }: DeadLetter): AuditEvent {
  return {
    type: 'AUDIT',
    id: `dead-letter:${topic}:${partition}:${message.offset}`,
    time: new Date(message.time).toISOString(),
    action: 'dead-letter',
    outcome: 'failed',
    repository: null,
    actor: 'metadata',
    workflow: null,
    details: { topic, partition, offset: message.offset, messageId: message.id, key: message.key, reason },
  };
}

/** An archive that cannot take more for now is tried again with the batch; one that never will does not stop the index. */
async function archive(store: Store, audit: AuditEvent, log: Log): Promise<void> {
  try {
    await store.create(auditPath(audit.time, audit.id), Buffer.from(`${JSON.stringify(audit)}\n`));
  } catch (error) {
    if (isPivoError(error, 'Exists')) return;
    if (!isPivoError(error) || !error.permanent) throw error;
    log.error({ id: audit.id, kind: error.kind }, `the audit record could not be archived: ${error.message}`);
  }
}
