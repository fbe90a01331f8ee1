// The metadata service as a real process: killed between events, started twice, asked on its socket.
import type { ChildProcess } from 'node:child_process';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOPIC } from '../../contract/names.ts';
import { openEventLog } from '../../events/open.ts';
import type { EventLog } from '../../events/log.ts';
import { digestOfFile } from '../../metadata/digest.ts';
import { openIndexWriter } from '../../metadata/writer.ts';
import { askMetadata } from '../../metadata/ask.ts';
import { indexHealth, waitUntilIndexed } from '../../operations/index-status.ts';
import { commits, end, snapshot, startProcess, testHome, toMessages, type TestHome } from './service.ts';

describe('the metadata service process', () => {
  let home: TestHome;
  let log: EventLog;
  const children: ChildProcess[] = [];
  const start = async (): Promise<ChildProcess> => {
    const child = await startProcess(home.home);
    children.push(child);
    return child;
  };
  beforeEach(async () => {
    home = await testHome();
    log = openEventLog(home.config.events);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
    await log.close();
    await home.dispose();
  });

  it('loses and repeats nothing when it is killed between events, again and again', async () => {
    const VISITS = 12;
    const COMMITS = 400;
    let child = await start();
    for (let visit = 1; visit <= VISITS; visit++) {
      const messages = toMessages([...commits('execa', visit, (visit - 1) * COMMITS, COMMITS), snapshot('execa', visit, visit * COMMITS)]);
      const publishing = (async () => {
        for (let at = 0; at < messages.length; at += 40) await log.publish(TOPIC.commits, messages.slice(at, at + 40));
      })();
      if (visit % 2 === 0) expect(await waitUntilIndexed(home.config.paths.metadataSocket, 'execa', visit)).toBe(true);
      expect(await end(child, 'SIGKILL')).toBe('SIGKILL');
      await publishing;
      child = await start();
    }
    await log.publish(TOPIC.commits, toMessages(commits('execa', 1, 0, COMMITS))); // an emit that is retried publishes again
    expect(await waitUntilIndexed(home.config.paths.metadataSocket, 'execa', VISITS)).toBe(true);
    expect(await end(child, 'SIGTERM')).toBe(0);
    const db = new Database(home.config.paths.index, { readonly: true });
    expect(db.prepare('SELECT count(*), count(DISTINCT commit_hash), min(visit), max(visit) FROM commits').raw().get()).toEqual([VISITS * COMMITS, VISITS * COMMITS, 1, VISITS]);
    expect(db.prepare('SELECT count(*) FROM changes').pluck().get()).toBe(VISITS * COMMITS * 2);
    expect(db.prepare("SELECT count(*) FROM message_search WHERE query MATCH 'retries'").pluck().get()).toBe(VISITS * COMMITS);
    expect(db.prepare('SELECT group_concat(visit) FROM visits').pluck().get()).toBe(Array.from({ length: VISITS }, (_, at) => at + 1).join());
    db.close();
    const untroubled = openIndexWriter(`${home.home}/untroubled.db`);
    for (let visit = 1; visit <= VISITS; visit++) untroubled.write([...commits('execa', visit, (visit - 1) * COMMITS, COMMITS), snapshot('execa', visit, visit * COMMITS)]);
    untroubled.close();
    expect(digestOfFile(home.config.paths.index)).toBe(digestOfFile(`${home.home}/untroubled.db`));
  });

  it('is the only writer of its home: a second one is refused and the first goes on', async () => {
    await start();
    await expect(startProcess(home.home)).rejects.toThrow(/another metadata service already writes/);
    expect((await indexHealth(home.config.paths.metadataSocket)).state).toBe('consuming');
  });

  it('answers where it is, partition by partition, and waits for a visit no longer than asked', async () => {
    await start();
    const socket = home.config.paths.metadataSocket;
    expect(await waitUntilIndexed(socket, 'execa', 1, { timeoutMs: 1 })).toBe(false);
    const waiting = waitUntilIndexed(socket, 'execa', 1);
    await log.publish(TOPIC.commits, toMessages([...commits('execa', 1, 0, 3), snapshot('execa', 1, 3)]));
    expect(await waiting).toBe(true);
    const health = await indexHealth(socket);
    expect(health.rows).toMatchObject({ repositories: 1, commits: 3, visits: 1, audit: 0 });
    expect(health.partitions.every(({ lag }) => lag === 0)).toBe(true);
    expect(health.partitions.reduce((sum, { next }) => sum + next, 0)).toBe(4);
    await expect(askMetadata(socket, 'POST', '/wait', { repository: '-x', visit: 0 })).rejects.toMatchObject({ kind: 'InvalidInput', message: expect.stringContaining('visit') as string });
    await expect(askMetadata(socket, 'POST', '/nothing', {})).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('says that it is not running when nobody listens', async () => {
    await expect(waitUntilIndexed(home.config.paths.metadataSocket, 'execa', 1)).rejects.toMatchObject({ kind: 'Unavailable', hint: expect.stringContaining('pivo up') as string });
  });
});
