// A large index for the server's tests and bench: many small repositories and one of many commits, written by the real writer.
import type { CommitEvent, SnapshotEvent } from '../../contract/events.ts';
import { openIndexWriter } from '../../metadata/writer.ts';

const oid = (n: number): string => n.toString(16).padStart(40, '0');
const WORDS = ['retry', 'stream', 'buffer', 'parse', 'encode', 'cache', 'signal', 'worker'];

/** Commit `n`; one in a thousand has no time, as a malformed commit has none. */
export function commitOf(repository: string, n: number, visit: number): CommitEvent {
  const person = { name: `Author ${n % 97}`, email: `author${n % 97}@example.org`, time: n % 1000 === 999 ? null : 1_500_000_000 + Math.floor(n / 2) * 60, zone: '+0100' };
  return {
    type: 'COMMIT', id: `commit:${repository}:${oid(n + 1)}:0`, repository, visit, hash: oid(n + 1), parents: n === 0 ? [] : [oid(n)], author: person, committer: person,
    subject: `Fix the ${WORDS[n % WORDS.length]} of step ${n}`, body: '', changes: [['M', `src/${n % 50}.ts`]], hdfsPath: `/backups/${repository}/${oid(n + 1)}`, part: 0, parts: 1,
  };
}

export function visitOf(repository: string, visit: number, time: Date, changes: Partial<SnapshotEvent['changes']> = {}): SnapshotEvent {
  return {
    type: 'SNAPSHOT', id: `snapshot:${repository}:${visit}:0`, repository, origin: `https://example.org/${repository}.git`, visit, time: time.toISOString(), snapshot: `swh:1:snp:${oid(visit)}`, objectFormat: 'sha1', outcome: 'full',
    head: { symref: 'refs/heads/main', oid: oid(1) }, refs: [{ name: 'refs/heads/main', oid: oid(1), type: 'commit' }], refCount: 1, packs: visit, packBytes: visit * 1000, newPacks: 1, newBytes: 1000, holes: 0,
    changes: { created: 0, updated: 1, forced: 0, deleted: 0, ...changes }, checkout: { commit: null, kind: 'none', path: null, files: 0, bytes: 0 }, workflow: { id: `ingest:${repository}`, runId: `run-${visit}` }, part: 0, parts: 1,
  };
}

export interface LargeIndex {
  repositories: number;
  visits: number;
  /** Of the repository `large`. */
  commits: number;
}

/** Fills an index that is not there yet. Repository `small-7` lost a ref in its third visit from the end; the backup of `small-8` failed since its last visit. */
export function fillLargeIndex(path: string, { repositories, visits, commits }: LargeIndex): void {
  const writer = openIndexWriter(path);
  const now = Date.now();
  const timeOf = (visit: number): Date => new Date(now - (visits - visit + 1) * 3_600_000);
  try {
    for (let at = 0; at < repositories - 1; at++) {
      const name = `small-${at}`;
      writer.write([commitOf(name, 0, 1), ...Array.from({ length: visits }, (_, n) => visitOf(name, n + 1, timeOf(n + 1), at === 7 && n === visits - 3 ? { forced: 1, deleted: 2 } : {}))]);
    }
    for (let from = 0; from < commits; from += 5_000) writer.write(Array.from({ length: Math.min(5_000, commits - from) }, (_, n) => commitOf('large', from + n, from + n < commits - 10 ? 1 : 2)));
    writer.write([visitOf('large', 1, timeOf(1)), visitOf('large', 2, timeOf(2))]);
    writer.write([{ type: 'AUDIT', id: 'audit:1', time: new Date(now).toISOString(), action: 'ingest', outcome: 'failed', repository: 'small-8', actor: 'ada', workflow: null, details: { message: 'the origin does not answer' } }]);
  } finally {
    writer.close();
  }
}
