// TLS and passwords against a real broker that wants both; the password is told to the broker and to nobody else.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../contract/log.ts';
import { TOPIC } from '../../contract/names.ts';
import { KafkaTable, kafkaSettings, type KafkaSettings } from '../../events/kafka/settings.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { readUntil } from '../events/conformance.ts';
import { sharedKafka } from '../harness/engines.ts';
import { startSecuredBroker, type SecuredBroker } from './secured-broker.ts';

type Mechanism = NonNullable<KafkaTable['sasl']>['mechanism'];

describe('a broker that wants TLS and a password', () => {
  let broker: SecuredBroker;
  const lines: unknown[] = [];
  const opened: EventLog[] = [];
  const tell = (facts: unknown, message: string): void => void lines.push([facts, message]);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell, child: () => log };
  const open = (kafka: KafkaSettings): EventLog => {
    const events = openEventLog(broker.url, { kafka, log });
    opened.push(events);
    return events;
  };
  const settings = (mechanism: Mechanism, other: { password?: string; tls?: true } = {}): KafkaSettings =>
    kafkaSettings(KafkaTable.parse({ tls: other.tls ?? { caFile: broker.caFile }, sasl: { mechanism, username: broker.user } }), other.password ?? broker.password);

  beforeAll(async () => {
    await sharedKafka(); // fetches the jars where they are not
    broker = await startSecuredBroker();
  }, 300_000);
  afterAll(() => broker.stop());
  afterEach(async () => {
    for (const events of opened.splice(0)) await events.close();
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('takes and gives events with %s', async (mechanism) => {
    const events = open(settings(mechanism));
    await events.publish(TOPIC.commits, [{ key: 'k', id: mechanism, value: '{}' }]);
    const read = await readUntil(events, TOPIC.commits, (all) => all.some(({ message }) => message.id === mechanism));
    expect(read.at(-1)?.message.id).toBe(mechanism);
    expect(inspect(lines, { depth: null })).not.toContain(broker.password);
  });

  it.each(['plain', 'scram-sha-512'] as const)('refuses a wrong password with %s, and the failure says what to check and not the password', async (mechanism) => {
    const failure: unknown = await open(settings(mechanism, { password: 'canary-wrong' })).offsets([TOPIC.commits]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'Unavailable', hint: 'Check mechanism, user and password in [kafka.sasl].' });
    expect(inspect([failure, lines], { depth: null })).not.toContain('canary-wrong');
  });

  it('that gives no right to read as a group says so', async () => {
    const reading = open(settings('plain')).subscribe({ group: 'stranger', topics: [TOPIC.commits], position: () => 0, handle: async () => {}, signal: AbortSignal.timeout(60_000) });
    await expect(reading).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('consumer groups') as string });
  });

  it('is not believed when its certificate is signed by nobody we know', async () => {
    await expect(open(settings('plain', { tls: true })).offsets([TOPIC.commits])).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('self-signed certificate') as string });
  });

  it('is Unavailable to a client that speaks plain text', async () => {
    await expect(open(kafkaSettings(KafkaTable.parse({}), undefined)).offsets([TOPIC.commits])).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('tls') as string });
  });
});
