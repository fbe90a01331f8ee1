// The embedded event log: the conformance suite, and what holds for one SQLite file shared by processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOPIC } from '../../contract/names.ts';
import { murmur2, partitionOf } from '../../events/partition.ts';
import { openEventLog } from '../../events/open.ts';
import { eventLogConformance, readUntil } from './conformance.ts';

eventLogConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-events-'));
  const url = `sqlite:${join(folder, 'events.db')}`;
  const opened = [openEventLog(url)];
  return {
    log: opened[0] as ReturnType<typeof openEventLog>,
    again: async () => {
      const log = openEventLog(url);
      opened.push(log);
      return log;
    },
    dispose: async () => {
      for (const log of opened) await log.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the embedded event log', () => {
  let folder = '';
  let url = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pivo-events-'));
    url = `sqlite:${join(folder, 'events.db')}`;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('puts a key where Kafka would (vectors of its own UtilsTest)', () => {
    const vectors: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [key, hash] of vectors) expect(murmur2(key)).toBe(hash);
    expect(partitionOf('21', 4)).toBe((-973932308 & 0x7fffffff) % 4);
  });

  it('counts offsets densely from 0, also when two writers share a partition', async () => {
    const [a, b] = [openEventLog(url), openEventLog(url)];
    for (let n = 0; n < 20; n++) await Promise.all([a.publish(TOPIC.commits, [{ key: 'k', id: `a${n}`, value: '{}' }]), b.publish(TOPIC.commits, [{ key: 'k', id: `b${n}`, value: '{}' }])]);
    const read = await readUntil(a, TOPIC.commits, (all) => all.length >= 40);
    expect(read.map((each) => each.message.offset)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    await Promise.all([a.close(), b.close()]);
  });

  it('keeps all that was acknowledged, without gaps, when its publisher is killed', async () => {
    const log = openEventLog(url);
    const child = spawn(process.execPath, [fileURLToPath(new URL('publisher.ts', import.meta.url)), url, TOPIC.commits, 'k'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = -1;
    const lines = createInterface({ input: child.stdout });
    const reading = readUntil(log, TOPIC.commits, (all) => all.length > 30);
    lines.on('line', (line) => {
      acknowledged = Number(line);
      if (acknowledged > 60) child.kill('SIGKILL');
    });
    const across = await reading;
    expect(across.slice(0, 30).map((each) => each.message.id)).toEqual(Array.from({ length: 30 }, (_, n) => `k:${n}`));
    await once(child, 'close');
    const high = (await log.offsets([TOPIC.commits])).reduce((sum, each) => sum + each.high, 0);
    expect(high).toBeGreaterThan(acknowledged);
    expect(high % 3).toBe(0);
    const read = await readUntil(log, TOPIC.commits, (all) => all.length >= high);
    expect(read.map((each) => each.message.id)).toEqual(Array.from({ length: high }, (_, n) => `k:${n}`));
    await log.close();
  });

  it('ends its subscriptions when it is closed', async () => {
    const log = openEventLog(url);
    const waiting = log.subscribe({ group: 'g', topics: [TOPIC.audit], position: () => 0, handle: async () => {}, signal: new AbortController().signal });
    await log.close();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('says what an unknown URL needs', () => {
    expect(() => openEventLog('redis://x')).toThrow(expect.objectContaining({ kind: 'InvalidInput', hint: expect.stringContaining('sqlite:') as string }));
  });
});
