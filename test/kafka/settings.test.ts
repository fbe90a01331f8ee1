// Where Kafka is and how PIVO gets in: what the configuration says, and that it never gives the secret away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { brokersOf } from '../../events/kafka/settings.ts';
import { openEventLog } from '../../events/open.ts';

describe('the brokers of a URL', () => {
  it('are all that it names, at port 9092 where it gives none', () => {
    expect(brokersOf('kafka://h1:9092,h2.example:19092,10.0.0.3')).toEqual(['h1:9092', 'h2.example:19092', '10.0.0.3:9092']);
  });

  it.each(['kafka:', 'kafka://', 'kafka://h1:9092/topic', 'kafka://h1 h2', 'kafka://[::1]:9092', 'kafka://h1:port'])('are refused where nobody could connect: %s', (url) => {
    expect(() => brokersOf(url)).toThrow(expect.objectContaining({ kind: 'InvalidInput', hint: expect.stringContaining('kafka://host1:9092') as string }));
  });

  it('hold no password, and the refusal does not repeat it', () => {
    expect(() => openEventLog('kafka://ada:hunter2@h1:9092')).toThrow(expect.objectContaining({ kind: 'InvalidInput', message: expect.not.stringContaining('hunter2') as string }));
  });
});

it('a broker that nobody answers for is Unavailable, with what to check', async () => {
  const log = openEventLog('kafka://127.0.0.1:1');
  await expect(log.publish('pivo-commit-events', [{ key: 'k', id: 'k:0', value: '{}' }])).rejects.toMatchObject({
    kind: 'Unavailable',
    message: expect.stringMatching(/kafka:\/\/127\.0\.0\.1:1 fails: .*ECONNREFUSED/) as string,
    hint: expect.stringContaining('brokers run') as string,
  });
  await log.close();
});

describe('the settings of [kafka]', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'pivo-kafka-config-'));
  });
  afterEach(() => rm(home, { recursive: true }));
  const configured = async (toml: string, env: Record<string, string> = {}): Promise<ReturnType<typeof loadConfig>> => {
    await writeFile(join(home, 'config.toml'), toml);
    return loadConfig({ PIVO_HOME: home, ...env });
  };
  const SASL = '[kafka.sasl]\nmechanism = "scram-sha-512"\nusername = "pivo"\n';

  it('are read from config.toml', async () => {
    const { events, kafka } = await configured('events = "kafka://h1:9092"\n[kafka]\npartitions = 12\nreplication = 3\ntls = true\n');
    expect({ events, kafka }).toEqual({ events: 'kafka://h1:9092', kafka: { partitions: 12, replication: 3, maxMessageBytes: 64 * 2 ** 20, tls: true } });
  });

  it('name the setting that is wrong', async () => {
    await expect(configured('[kafka]\npartitions = 0\n')).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('partitions') as string });
  });

  it('take the password from the environment or a file, read when it is needed', async () => {
    const file = join(home, 'password');
    const byFile = (await configured(`${SASL}passwordFile = ${JSON.stringify(file)}\n`)).kafka.sasl;
    await writeFile(file, 'first\n');
    expect(byFile?.password()).toBe('first');
    await writeFile(file, 'second\n');
    expect(byFile?.password()).toBe('second');
    expect((await configured(SASL, { PIVO_KAFKA_PASSWORD: 'third' })).kafka.sasl?.password()).toBe('third');
  });

  it('say where a password can be set when there is none', async () => {
    const { kafka } = await configured(SASL);
    expect(() => kafka.sasl?.password()).toThrow(expect.objectContaining({ kind: 'Unavailable', hint: expect.stringContaining('PIVO_KAFKA_PASSWORD') as string }));
  });

  it('do not show the password when they are printed', async () => {
    const config = await configured(SASL, { PIVO_KAFKA_PASSWORD: 'canary-7f3a' });
    expect(inspect(config, { depth: null }) + JSON.stringify(config)).not.toContain('canary-7f3a');
  });
});
