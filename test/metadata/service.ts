// Runs metadata services for tests: in this process, or as the real child process that may be killed.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CommitEvent, PivoEvent, SnapshotEvent } from '../../contract/events.ts';
import { loadConfig, type Config } from '../../config.ts';
import type { OutgoingMessage } from '../../events/log.ts';

const ENTRY = fileURLToPath(new URL('../../workers/metadata.ts', import.meta.url));

export interface TestHome {
  home: string;
  config: Config;
  dispose(): Promise<void>;
}

export async function testHome(): Promise<TestHome> {
  const home = await mkdtemp(join(tmpdir(), 'pivo-md-'));
  const config = loadConfig({ PIVO_HOME: home });
  return {
    home,
    config,
    dispose: async () => {
      await promisify(execFile)('chmod', ['-R', 'u+w', home]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Starts the real process; returns when it serves. Fails with what it wrote when it ends before. */
export async function startProcess(home: string): Promise<ChildProcess> {
  const child = fork(ENTRY, [], { env: { ...process.env, PIVO_HOME: home }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`ended with ${code}: ${said}`)));
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  return child;
}

/** Ends a child and returns how it ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.kill(signal);
  const [code, by] = await ended;
  return by ?? code;
}

const oid = (n: number): string => n.toString(16).padStart(40, '0');
const person = (n: number) => ({ name: `Author ${n % 7}`, email: `author${n % 7}@example.org`, time: 1_600_000_000 + n * 60, zone: '+0200' });

/** Commits `from` to `from + count - 1` of a made-up history, first seen by one visit. */
export function commits(repository: string, visit: number, from: number, count: number): CommitEvent[] {
  return Array.from({ length: count }, (_, at): CommitEvent => {
    const n = from + at;
    const hash = oid(n + 1);
    return {
      type: 'COMMIT', id: `commit:${repository}:${hash}:0`, repository, visit, hash, parents: n === 0 ? [] : [oid(n)], author: person(n), committer: person(n),
      subject: `Retry the ${n}th request`, body: n % 3 === 0 ? `Because of ${n}.` : '', changes: [['M', `src/file-${n % 10}.ts`], ['A', `docs/${n}.md`]], hdfsPath: `/backups/${repository}/${hash}`, part: 0, parts: 1,
    };
  });
}

/** The SNAPSHOT event of a visit whose main branch is at commit `n`. */
export function snapshot(repository: string, visit: number, n: number): SnapshotEvent {
  return {
    type: 'SNAPSHOT', id: `snapshot:${repository}:${visit}:0`, repository, origin: `https://example.org/${repository}.git`, visit, time: new Date(1_700_000_000_000 + visit * 1000).toISOString(),
    snapshot: `swh:1:snp:${oid(n)}`, objectFormat: 'sha1', outcome: 'full', head: { symref: 'refs/heads/main', oid: oid(n + 1) }, refs: [{ name: 'refs/heads/main', oid: oid(n + 1), type: 'commit' }], refCount: 1,
    packs: visit, packBytes: visit * 1000, newPacks: 1, newBytes: 1000, holes: 0, changes: { created: 0, updated: 1, forced: 0, deleted: 0 },
    checkout: { commit: oid(n + 1), kind: 'files', path: oid(n + 1), files: 12, bytes: 3456 }, workflow: { id: `ingest:${repository}`, runId: `run-${visit}` }, part: 0, parts: 1,
  };
}

export const toMessages = (events: PivoEvent[]): OutgoingMessage[] => events.map((event) => ({ key: 'repository' in event && event.repository !== null ? event.repository : event.id, id: event.id, value: JSON.stringify(event) }));
