// Rebuilding the index: from the log and from the archive, to the same digest as the one that grew by itself.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordAudit } from '../../activities/record-audit.ts';
import { PivoError } from '../../contract/failures.ts';
import { TOPIC, deadLetterTopic } from '../../contract/names.ts';
import type { EventLog } from '../../events/log.ts';
import { openEventLog } from '../../events/open.ts';
import { digestOfFile } from '../../metadata/digest.ts';
import { ReadOnlyIndex } from '../../metadata/read-only.ts';
import { MetadataService } from '../../workers/metadata-service.ts';
import { fixture } from '../fixtures/generate.ts';
import { openIngest, type IngestHarness } from '../harness/ingest.ts';
import { silentLog } from '../harness/temporal.ts';
import { readUntil } from '../events/conformance.ts';
import { commits, snapshot, toMessages } from './service.ts';

const nothing = (): void => {};
const never = new AbortController().signal;

describe('reindex', () => {
  let dir = '';
  let index = '';
  let harness: IngestHarness;
  let service: MetadataService;
  const open = (): MetadataService => new MetadataService({ index, events: harness.deps.events, store: harness.deps.store, cache: harness.deps.cache, log: silentLog });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pivo-reindex-'));
    index = join(dir, 'pivo.db');
    harness = await openIngest(join(dir, 'home'));
    service = open();
  });
  afterEach(async () => {
    await service.stop();
    await harness.close();
    await promisify(execFile)('chmod', ['-R', 'u+w', dir]);
    await rm(dir, { recursive: true });
  });

  const audit = (id: string, action: 'ingest' | 'restore', repository: string) =>
    recordAudit(harness.deps, { id, time: '2026-11-21T10:00:00.000Z', action, outcome: 'done', repository, actor: 'ada', workflow: { id: `${action}:x`, runId: id }, details: { restoreId: id, z: 1, a: { y: [2], b: null }, target: 'x.git' } }, { signal: never, onProgress: nothing, attempt: 1, log: silentLog });

  /** Two visits of several repositories, audit records, an unchanged visit and a poison message. */
  const history = async (): Promise<void> => {
    const names = ['force-push', 'merge-storm', 'nested-tags', 'odd-names', 'malformed', 'sha256'];
    for (const name of names) {
      const { build, evolve } = fixture(name);
      const origin = join(dir, name);
      await build(origin);
      await harness.ingest(origin, name);
      await evolve?.(origin);
      await harness.ingest(origin, name);
      await audit(`audit:${name}`, name === 'force-push' ? 'restore' : 'ingest', name);
    }
    await harness.ingest(join(dir, 'merge-storm'), 'same-commits-elsewhere');
    await harness.deps.events.publish(TOPIC.commits, [{ key: 'force-push', id: 'poison', value: '{"type":"COMMIT"}' }]);
    await caughtUp();
  };

  const caughtUp = async (): Promise<void> => {
    await expect.poll(async () => (await service.health()).partitions.map(({ lag }) => lag).every((lag) => lag === 0), { timeout: 20_000 }).toBe(true);
  };

  it('from the log and from the archive gives the digest of the index that grew by itself', async () => {
    await history();
    const grown = digestOfFile(index);
    const phases: string[] = [];
    const fromLog = await service.reindex('log', ({ phase }) => phases.push(phase), never);
    expect(fromLog.digest).toBe(grown);
    expect(phases).toContain('reading the log');
    const fromArchive = await service.reindex('archive', nothing, never);
    expect(fromArchive.digest).toBe(grown);
    expect(fromArchive.rows).toEqual(fromLog.rows);
    expect(fromLog.rows['audit']).toBe(7);
    await caughtUp();
    expect(digestOfFile(index)).toBe(grown);
  });

  it('leaves readers that have the index open with the new content, and consuming goes on', async () => {
    await history();
    const reader = new ReadOnlyIndex(index);
    const raw = new Database(index, { readonly: true });
    const count = async (): Promise<unknown> => (await reader.query('SELECT count(*) FROM visits')).rows[0]?.[0];
    const before = await count();
    await service.reindex('archive', nothing, never);
    expect(await count()).toBe(before);
    expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
    await harness.ingest(join(dir, 'sha256'), 'one-more');
    expect(await service.waitFor('one-more', 1, AbortSignal.timeout(20_000))).toBe(true);
    expect(await count()).toBe(Number(before) + 1);
    expect(raw.prepare('SELECT count(*) FROM visits').pluck().get()).toBe(Number(before) + 1);
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal');
    raw.close();
    reader.close();
  });

  it('that is cancelled leaves the index as it was', async () => {
    await history();
    const grown = digestOfFile(index);
    const cancel = new AbortController();
    await expect(service.reindex('archive', () => cancel.abort(), cancel.signal)).rejects.toMatchObject({ kind: 'Cancelled' });
    expect(digestOfFile(index)).toBe(grown);
  });

  it('from the archive heals an index whose log was lost', async () => {
    await history();
    const grown = digestOfFile(index);
    await service.stop();
    await harness.close();
    for (const suffix of ['', '-wal', '-shm']) await rename(join(dir, 'home', `events.db${suffix}`), join(dir, `lost${suffix}`)).catch(nothing);
    harness = await openIngest(join(dir, 'home'));
    service = open();
    await expect.poll(async () => (await service.health()).state).toBe('stalled');
    expect((await service.reindex('archive', nothing, never)).digest).toBe(grown);
    await harness.ingest(join(dir, 'sha256'), 'one-more');
    expect(await service.waitFor('one-more', 1, AbortSignal.timeout(20_000))).toBe(true);
    const healed = digestOfFile(index);
    await expect(service.reindex('log', nothing, never)).rejects.toMatchObject({ kind: 'Damaged', hint: expect.stringContaining('--from archive') }); // the new log has the new events only
    expect(digestOfFile(index)).toBe(healed);
  });

  it('can be from a log that another one was left for: the next backup publishes every visit there', async () => {
    const origin = join(dir, 'force-push');
    await fixture('force-push').build(origin);
    await harness.ingest(origin, 'force-push');
    await fixture('force-push').evolve?.(origin);
    await harness.ingest(origin, 'force-push');
    await caughtUp();
    await service.stop();
    const former = harness.deps.events;
    const events = openEventLog(`sqlite:${join(dir, 'other.db')}`);
    harness.deps.events = events;
    await harness.ingest(origin, 'force-push');
    await harness.ingest(origin, 'force-push');
    await former.close();
    service = new MetadataService({ index: join(dir, 'other-index.db'), events, store: harness.deps.store, cache: harness.deps.cache, log: silentLog });
    expect(await service.waitFor('force-push', 4, AbortSignal.timeout(20_000))).toBe(true);
    expect((await service.health()).rows).toMatchObject({ visits: 4 });
    const { digest } = await service.reindex('log', nothing, never);
    expect((await service.reindex('archive', nothing, never)).digest).toBe(digest);
  });

  it('changes nothing when every event is published twice and out of turn', async () => {
    const events = [...commits('execa', 1, 0, 50), snapshot('execa', 1, 50), ...commits('execa', 2, 50, 50), snapshot('execa', 2, 100)];
    await harness.deps.events.publish(TOPIC.commits, toMessages(events));
    await caughtUp();
    const once = digestOfFile(index);
    await harness.deps.events.publish(TOPIC.commits, toMessages([...events.toReversed(), ...commits('execa', 2, 0, 50)]));
    await caughtUp();
    expect(digestOfFile(index)).toBe(once);
  });

  it('is not needed for a poison message: it goes to the dead letters with its reason and an audit record, the rest goes on', async () => {
    const poison = ['not json', '{"type":"COMMIT"}', JSON.stringify({ ...snapshot('execa', 9, 1), extra: 1 }), JSON.stringify(null)];
    const messages = [...toMessages(commits('execa', 1, 0, 5)), ...poison.map((value, n) => ({ key: 'execa', id: `poison:${n}`, value })), ...toMessages([...commits('execa', 1, 5, 5), snapshot('execa', 1, 10)])];
    await harness.deps.events.publish(TOPIC.commits, messages);
    expect(await service.waitFor('execa', 1, AbortSignal.timeout(20_000))).toBe(true);
    await caughtUp();
    expect((await service.health()).rows).toMatchObject({ commits: 10, visits: 1, audit: 4 });
    const dead = await readUntil(harness.deps.events, deadLetterTopic(TOPIC.commits), (all) => all.length >= 4);
    const letters = dead.map(({ message }) => JSON.parse(message.value) as { value: string; reason: string; messageId: string });
    expect(letters.map(({ value }) => value)).toEqual(poison);
    expect(letters[0]?.reason).toMatch(/not JSON/);
    expect(letters[1]?.reason).toMatch(/hash/);
    const db = new Database(index, { readonly: true });
    expect(db.prepare("SELECT DISTINCT outcome, details ->> '$.topic' FROM audit WHERE action = 'dead-letter'").raw().all()).toEqual([['failed', TOPIC.commits]]);
    db.close();
    const log = openEventLog(harness.deps.events.url);
    expect((await log.offsets([TOPIC.audit])).reduce((sum, { high }) => sum + high, 0)).toBe(4);
    await log.close();
  });

  it('is not needed for one that no topic of dead letters takes, that was written at no time, or that is nested without end', async () => {
    await service.stop();
    const { events, store, cache } = harness.deps;
    const most = 20_000;
    const strict: EventLog = {
      url: events.url,
      publish: async (topic, messages) => {
        if (messages.some(({ key, value }) => key.length + value.length > most)) throw new PivoError('InvalidInput', 'a message is too large');
        await events.publish(topic, messages);
      },
      subscribe: (subscription) => events.subscribe({ ...subscription, handle: (batch) => subscription.handle({ ...batch, messages: batch.messages.map((message) => ({ ...message, time: 1.7e18 })) }) }),
      offsets: (topics) => events.offsets(topics),
      close: () => events.close(),
    };
    service = new MetadataService({ index, events: strict, store, cache, log: silentLog });
    const nested = JSON.stringify({ type: 'AUDIT', id: 'a', time: '2024-01-01T00:00:00.000Z', action: 'tool', outcome: 'done', repository: null, actor: 'nobody', workflow: null, details: { a: 0 } }).replace('"a":0', `"a":${'['.repeat(5000)}${']'.repeat(5000)}`);
    const poison = [{ key: 'execa', id: 'large', value: '"'.repeat(most - 100) }, { key: 'k'.repeat(most), id: 'key', value: 'short' }, { key: 'execa', id: 'nested', value: nested }];
    await events.publish(TOPIC.commits, [...poison, ...toMessages([...commits('execa', 1, 0, 5), snapshot('execa', 1, 5)])]);
    expect(await service.waitFor('execa', 1, AbortSignal.timeout(20_000))).toBe(true);
    const dead = await readUntil(events, deadLetterTopic(TOPIC.commits), (all) => all.length >= 3);
    const letters = dead.map(({ message }) => JSON.parse(message.value) as { value: string | null; bytes: number; messageId: string });
    expect(letters.map(({ messageId, value, bytes }) => [messageId, value, bytes]).sort()).toEqual([['key', 'short', 5], ['large', null, most - 100], ['nested', nested, nested.length]]);
  });
});
