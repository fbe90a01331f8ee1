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

interface Burial {
  events: EventLog;
  store: Store;
  log: Log;
  vault?: OpenVault | undefined;
}

/** Publishes and archives; the same message gives the same ids, so that doing it again adds nothing to index or archive. */
export async function buryDeadLetters(deps: Burial, batch: Batch, letters: readonly DeadLetter[]): Promise<void> {
  for (const letter of letters) {
    const audit = auditOf(batch, letter);
    deps.log.warn({ ...audit.details }, 'a message is no event that the index knows: it went to the dead letters');
    await publishLetter(deps, batch, letter, audit);
    await deps.events.publish(TOPIC.audit, [{ key: audit.id, id: audit.id, value: JSON.stringify(audit), type: audit.type }]);
    await archive(deps.store, audit, deps.log);
  }
}

/** The message in its letter, or its length alone where the log cannot take both: the message itself stays where it is. */
async function publishLetter({ events, vault }: Burial, batch: Batch, { message }: DeadLetter, { id, time, details }: AuditEvent): Promise<void> {
  const publish = (value: string | null): Promise<void> =>
    events.publish(deadLetterTopic(batch.topic), [{ key: start(message.key), id, value: JSON.stringify({ ...details, time, value }), type: 'DEAD-LETTER' }]);
  await publish(vault?.people.text(message.value) ?? message.value).catch((error: unknown) => {
    if (!isPivoError(error, 'InvalidInput')) throw error;
    return publish(null);
  });
}

/** Strangers may write a key or an id of any length. */
const start = (text: string): string => text.slice(0, 1_000);

/** The end of the year 9999. */
const LAST_INSTANT = 253_402_300_799_999;
/** Strangers may write a time that no calendar has. */
const instant = (time: number): string => new Date(time >= 0 && time <= LAST_INSTANT ? time : 0).toISOString();

function auditOf({ topic, partition }: Batch, { message, reason }: DeadLetter): AuditEvent {
  return {
    type: 'AUDIT',
    id: `dead-letter:${topic}:${partition}:${message.offset}`,
    time: instant(message.time),
    action: 'dead-letter',
    outcome: 'failed',
    repository: null,
    actor: 'metadata',
    workflow: null,
    details: { topic, partition, offset: message.offset, bytes: Buffer.byteLength(message.value), messageId: start(message.id), key: start(message.key), reason },
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
