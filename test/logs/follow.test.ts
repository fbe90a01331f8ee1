// Logs that are being written are indexed while they grow, are moved aside and removed.
import { appendFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followLogs, ownLogs } from '../../logs/follow.ts';
import { listSources } from '../../logs/sources.ts';
import { silentLog } from '../harness/temporal.ts';
import { temporaryIndex, type TemporaryIndex } from './temporary.ts';

let index: TemporaryIndex;
let logs: string;
let spark: string;
let following: ReturnType<typeof followLogs>;

const follow = (): ReturnType<typeof followLogs> => followLogs({ index: index.path, list: () => ownLogs({ logs, spark }), log: silentLog, later: 0, every: 10 });
const line = (n: number, more = {}): string => `${JSON.stringify({ level: 30, time: new Date(1_767_225_600_000 + n).toISOString(), component: 'RESTORE', msg: `step ${n} done`, ...more })}\n`;
const texts = (): string[] => index.column<string>('SELECT text FROM entries ORDER BY time, id');

beforeEach(async () => {
  index = await temporaryIndex();
  logs = join(index.folder, 'logs');
  spark = join(index.folder, 'cache/spark');
  await mkdir(logs, { recursive: true });
  following = follow();
});
afterEach(async () => {
  await following.close();
  await index.close();
});

it('a line is indexed when it is whole, with the run it belongs to', async () => {
  await appendFile(join(logs, 'pivo.log'), line(1, { workflowId: 'restore:ab12' }) + line(2).slice(0, 20));
  await expect.poll(texts).toEqual(['step 1 done\nworkflowId=restore:ab12']);
  await appendFile(join(logs, 'pivo.log'), line(2).slice(20));
  await expect.poll(() => texts().length).toBe(2);
  expect(listSources(index.path, { run: 'restore:ab12', limit: 5 })).toMatchObject([{ name: 'pivo.log', system: 'pivo', format: 'pivo', state: 'growing', entries: 2 }]);
});

it('nothing is read twice or lost when the log is moved aside, nor when the follower starts again', async () => {
  const log = join(logs, 'pivo.log');
  await appendFile(log, line(1) + line(2));
  await expect.poll(() => texts().length).toBe(2);
  await following.close();
  await appendFile(log, line(3));
  await rename(log, `${log}.1`);
  await appendFile(log, line(4));
  following = follow();
  await expect.poll(texts).toEqual(['step 1 done', 'step 2 done', 'step 3 done', 'step 4 done']);
  expect(listSources(index.path, { limit: 5 }).map(({ entries }) => entries).sort()).toEqual([1, 3]);
});

it('the output of a Spark application is read to its end though its folder is removed', async () => {
  const application = join(spark, 'ab12');
  await mkdir(application, { recursive: true });
  await appendFile(join(application, 'stderr.log'), '24/01/02 12:00:00 INFO SparkContext: Running Spark\n');
  await expect.poll(() => texts().length).toBe(1);
  await appendFile(join(application, 'stderr.log'), '24/01/02 12:00:01 ERROR Executor: failed\njava.io.IOException: disk\n\tat a.B.c(B.java:1)');
  await rm(join(application, 'stderr.log'));
  await expect.poll(() => listSources(index.path, { limit: 5 })).toMatchObject([{ system: 'spark', run: 'restore:ab12', state: 'complete', entries: 2 }]);
  expect(index.column('SELECT exception FROM entries WHERE level = 50')).toEqual(['java.io.IOException: disk\n\tat a.B.c(B.java:1)']);
});
