// Events of a small fleet, and questions in other words than theirs, each with the events that answer it.
import type { Frame } from '../../contract/spool.ts';

const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;

/** Id, key, type and text of each; one an hour from 1 November 2026 on. */
const EVENTS: readonly (readonly [string, string, string, string])[] = [
  ['disk-full', 'node-3', 'alert', 'Disk /dev/sdb1 of node-3 is full: 0 bytes are left'],
  ['disk-slow', 'node-4', 'alert', 'Reads of the disk take 900 ms on average, ten times longer than yesterday'],
  ['login-refused', 'gateway', 'audit', 'Login of alice was refused: the password is wrong'],
  ['login-locked', 'gateway', 'audit', 'The account of alice was locked after five failed logins'],
  ['key-rotated', 'gateway', 'audit', 'The signing key was rotated; tokens of the old key are valid for one more day'],
  ['push-forced', 'execa', 'push', 'A forced push rewrote the branch main of execa and removed 12 commits'],
  ['branch-deleted', 'execa', 'push', 'The branch release-4 was deleted upstream'],
  ['backup-done', 'execa', 'backup', 'The backup of execa is complete: 1,548 commits in 3 packs'],
  ['backup-failed', 'vue', 'backup', 'The backup of vue failed: the origin closed the connection'],
  ['pack-damaged', 'vue', 'verify', 'A packfile of vue is damaged at offset 4096: its checksum differs'],
  ['restore-approved', 'vue', 'restore', 'The restore of vue to the mirror was approved by grace'],
  ['restore-waits', 'vue', 'restore', 'The restore of vue waits for an approval since two days'],
  ['kafka-lag', 'broker-1', 'alert', 'The consumer group pivo-metadata lags 120,000 messages behind'],
  ['kafka-leader', 'broker-2', 'alert', 'Partition 3 of the topic has no leader'],
  ['memory', 'node-3', 'alert', 'The executor was killed: it ran out of memory'],
  ['gc', 'node-4', 'alert', 'Garbage collection takes 40 percent of the time of the executor'],
  ['certificate', 'gateway', 'alert', 'The TLS certificate of the gateway expires in three days'],
  ['clock', 'node-5', 'alert', 'The clock of node-5 is 40 seconds ahead of the others'],
  ['deploy', 'console', 'deploy', 'Version 2.3.1 of the console was deployed to production'],
  ['rollback', 'console', 'deploy', 'The deployment of version 2.3.2 was rolled back: pages stayed empty'],
  ['safe-mode', 'namenode', 'alert', 'The NameNode is in safe mode: blocks are missing'],
  ['replication', 'namenode', 'alert', '312 blocks have fewer replicas than they should'],
  ['quota', 'forge', 'alert', 'The forge answers 429: the rate limit of requests is used up'],
  ['webhook', 'forge', 'push', 'The signature of a webhook did not match and it was rejected'],
];

export const EVENT_FRAMES: readonly Frame[] = EVENTS.map(([id, key, type, text], at) => ({ kind: 'event', key, time: START + at * HOUR, id, payload: { type, text, data: { number: at } } }));

/** Each question with what answers it. */
export const JUDGED: readonly (readonly [string, readonly string[]])[] = [
  ['no space left on the disk', ['disk-full']],
  ['reading from disks is slow', ['disk-slow']],
  ['who gave a wrong password', ['login-refused']],
  ['accounts that are locked out', ['login-locked']],
  ['somebody force-pushed and commits were removed', ['push-forced']],
  ['deleted branches', ['branch-deleted']],
  ['which backups did not complete', ['backup-failed', 'backup-done']],
  ['damage in packfiles', ['pack-damaged']],
  ['restores waiting to be approved', ['restore-waits', 'restore-approved']],
  ['consumers lagging behind', ['kafka-lag']],
  ['a partition without leader', ['kafka-leader']],
  ['out of memory', ['memory']],
  ['expiring certificates', ['certificate']],
  ['clocks that differ', ['clock']],
  ['a deployment that had to be rolled back', ['rollback']],
  ['missing blocks', ['safe-mode', 'replication']],
  ['rate limits of the forge', ['quota']],
  ['rejected webhook signatures', ['webhook']],
  ['rotation of keys', ['key-rotated']],
  ['time spent collecting garbage', ['gc']],
];
