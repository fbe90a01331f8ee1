// What the Kafka log is told: where the brokers are, how to speak to them, how topics are created.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PivoError } from '../../contract/failures.ts';

/** Table `[kafka]` of config.toml; used where `events` is `kafka://…`. */
export const KafkaTable = z.strictObject({
  /** Partitions of a topic that PIVO creates. */
  partitions: z.number().int().positive().default(4),
  /** Replicas of a topic that PIVO creates; none: what the cluster does by default. */
  replication: z.number().int().positive().optional(),
  /** Most bytes of one message; topics that PIVO creates take it. */
  maxMessageBytes: z.number().int().min(2 ** 20).max(2 ** 30).default(64 * 2 ** 20),
  /** TLS: `true` with the system's authorities, or files (PEM) that say more. */
  tls: z.union([z.boolean(), z.strictObject({ caFile: z.string().optional(), certFile: z.string().optional(), keyFile: z.string().optional() })]).default(false),
  /** The password comes from `passwordFile`, or from PIVO_KAFKA_PASSWORD. */
  sasl: z.strictObject({ mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']), username: z.string(), passwordFile: z.string().optional() }).optional(),
});
export type KafkaTable = z.output<typeof KafkaTable>;

export interface KafkaSettings extends Omit<KafkaTable, 'sasl'> {
  sasl?: {
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    username: string;
    /** Read anew for each connection, so that a changed one counts. Fails with Unavailable. */
    password(): string;
  };
}

/** The settings of a table and of the environment's password, which a file takes precedence over. The secret is no property: it cannot be printed by accident. */
export function kafkaSettings({ sasl, ...table }: KafkaTable, environmentPassword: string | undefined): KafkaSettings {
  if (sasl === undefined) return table;
  const { mechanism, username, passwordFile } = sasl;
  return { ...table, sasl: { mechanism, username, password: () => passwordOf(passwordFile, environmentPassword) } };
}

function passwordOf(file: string | undefined, fromEnvironment: string | undefined): string {
  const hint = 'Set kafka.sasl.passwordFile in config.toml, or PIVO_KAFKA_PASSWORD in the environment.';
  if (file === undefined) {
    if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
    throw new PivoError('Unavailable', 'Kafka asks for a password and none is configured', { hint });
  }
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new PivoError('Unavailable', `the file of Kafka's password cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'} ${file}`, { hint, cause: error });
  }
}

/**
 * `host:port` of each broker of `kafka://h1:9092,h2:9092`; the port is 9092 where none is given.
 * Fails with InvalidInput, also when the URL holds a user: credentials are settings of their own.
 */
export function brokersOf(url: string): string[] {
  const list = /^kafka:\/\/([^/?#]+)\/?$/.exec(url)?.[1] ?? '';
  const brokers = list.split(',').map((broker) => /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(broker));
  if (list.includes('@')) throw new PivoError('InvalidInput', 'the event log URL holds a user or a password', { hint: 'Put them into [kafka.sasl] of config.toml.' });
  return brokers.map((broker) => {
    if (broker === null) throw new PivoError('InvalidInput', 'the event log URL names no Kafka brokers', { hint: 'Write kafka://host1:9092,host2:9092; hosts are names or IPv4 addresses.' });
    return `${broker[1]}:${broker[2] ?? '9092'}`;
  });
}
