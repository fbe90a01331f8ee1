// A home with a spool and records: what lands in it, the ports of its worker, and what must hold whatever was killed.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import Database from 'better-sqlite3';
import type { ActivityDeps } from '../../activities/act.ts';
import { WORKFLOW, spoolGateWorkflowId } from '../../contract/names.ts';
import type { Frame, GateThresholds, SpoolBatch, SpoolKind } from '../../contract/spool.ts';
import { NotifyTables, notifyTargets } from '../../notify/settings.ts';
import { openRecordStore } from '../../records/open.ts';
import type { RecordStore } from '../../records/store.ts';
import { openSpool, type Spool } from '../../spool/folders.ts';
import { encodeFrame } from '../../spool/frame.ts';
import { stateDeliveries } from '../../state/deliveries.ts';
import { testDeps, type TestTemporal } from '../harness/temporal.ts';

export interface GateHome {
  workerId: string;
  folder: string;
  deps: ActivityDeps & { records: NonNullable<ActivityDeps['records']> };
  spool: Spool;
}

/** Opens a tenth of a second after the first segment, or at once where a test wants many. */
const SOON: GateThresholds = { records: 10_000, bytes: 8 * 2 ** 20, seconds: 0.1 };

/** The ports of a worker of that name; the same in every process. */
export function gateHome(temporal: TestTemporal, workerId: string, thresholds: Partial<GateThresholds> = {}): GateHome {
  const folder = join(temporal.folder, workerId);
  const opens = { ...SOON, ...thresholds };
  const targets = notifyTargets(NotifyTables.parse([{ name: 'told', url: 'http://127.0.0.1:9/', events: ['gate.open', 'gate.done', 'embed.start'] }]), folder, {});
  const deps = {
    ...testDeps(temporal, workerId),
    spool: { folder: join(folder, 'spool'), gates: { push: opens, event: opens, metric: opens } },
    records: { url: `sqlite:${join(folder, 'records.db')}`, password: () => undefined },
    notify: { targets, deliveries: stateDeliveries(join(folder, 'state.db')) },
  };
  return { workerId, folder, deps, spool: openSpool(deps.spool.folder) };
}

export function eventFrame(id: string, time = 1_763_700_000_000): Frame {
  return { kind: 'event', key: 'test', time, id, payload: { type: 'seen', subject: id, data: { n: 1 } } };
}

export function metricFrame(id: string, time = 1_763_700_000_000): Frame {
  return { kind: 'metric', key: 'test', time, id, payload: { name: 'size', value: 1 } };
}

export function pushFrame(id: string, repository: string, time = 1_763_700_000_000): Frame {
  return { kind: 'push', key: repository, time, id, payload: { source: 'forge', forge: 'github', repository, urls: [`https://forge.example/${repository}.git`], ref: 'refs/heads/main', before: null, after: null } };
}

/** Lands one segment; its name. */
export async function put({ spool }: GateHome, frames: readonly Frame[]): Promise<string> {
  return (await spool.land(frames[0]?.kind ?? 'event', frames.map(encodeFrame))).name;
}

/** Lands segments of events, each with as many frames; the ids of all. */
export async function putEvents(home: GateHome, word: string, segments: number, frames = 3): Promise<string[]> {
  const ids: string[] = [];
  for (let s = 0; s < segments; s++) {
    const some = Array.from({ length: frames }, (_, f) => `${word}-${s}-${f}`);
    await put(home, some.map((id) => eventFrame(id)));
    ids.push(...some);
  }
  return ids;
}

export function startGate(temporal: TestTemporal, { workerId }: GateHome, taskQueue: string, kind: SpoolKind = 'event'): Promise<WorkflowHandle> {
  return temporal.client.workflow.start(WORKFLOW.spoolGate, { workflowId: spoolGateWorkflowId(kind, workerId), taskQueue, args: [{ kind, worker: workerId }], workflowIdConflictPolicy: 'USE_EXISTING' });
}

export async function records<T>({ deps }: GateHome, ask: (store: RecordStore) => Promise<T>): Promise<T> {
  const store = await openRecordStore(deps.records);
  try {
    await store.prepare();
    return await ask(store);
  } finally {
    await store.close();
  }
}

/** Ids of all rows of a table, in order. */
export function storedIds({ folder }: GateHome, table: 'events' | 'metrics' = 'events'): string[] {
  const db = new Database(join(folder, 'records.db'), { readonly: true });
  try {
    return db.prepare(`SELECT id FROM ${table} ORDER BY id`).pluck().all() as string[];
  } finally {
    db.close();
  }
}

/** Segments by folder, reasons left out: `archive/event/{tag}/{name}` and so on. */
export async function segmentsOf({ folder }: GateHome): Promise<string[]> {
  const root = join(folder, 'spool');
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile() && entry.name.includes('.msgpack') && !entry.name.endsWith('.reason.json')).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
}

const folderOf = (path: string): string => path.split('/')[0] ?? '';

/** What must hold when no segment waits any more; each line says what does not. */
export async function broken(home: GateHome, { ids, failed = [], table = 'events' }: { ids: readonly string[]; failed?: readonly string[]; table?: 'events' | 'metrics' }): Promise<string[]> {
  const paths = await segmentsOf(home);
  const names = paths.map((path) => basename(path));
  const rows = await records(home, (store) => store.batches({ limit: 10_000 }));
  const wrong = [
    ...paths.filter((path) => !['archive', 'failed'].includes(folderOf(path))).map((path) => `${path} is not settled`),
    ...names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name} is in two folders`),
    ...rows.filter(({ status }) => status === 'open').map(({ tag }) => `${tag} is open`),
  ];
  const inFailed = paths.filter((path) => folderOf(path) === 'failed').map((path) => basename(path));
  if (inFailed.join() !== [...failed].sort().join()) wrong.push(`failed/ has ${inFailed.join()}`);
  if (storedIds(home, table).join() !== [...ids].sort().join()) wrong.push(`the records are not those that landed: ${storedIds(home, table).length} of ${ids.length}`);
  for (const row of rows) wrong.push(...(await brokenBatch(home, row, paths)));
  return wrong;
}

/** A row of the manifest agrees with its segments, and these with the folders. */
async function brokenBatch(home: GateHome, row: SpoolBatch, paths: readonly string[]): Promise<string[]> {
  const ends = await records(home, (store) => store.segmentsOf(row.tag));
  const sum = (of: (end: (typeof ends)[number]) => number): number => ends.reduce((total, end) => total + of(end), 0);
  const totals = { segments: ends.length, failed: sum(({ failure }) => (failure === null ? 0 : 1)), records: sum((end) => end.records), duplicates: sum((end) => end.duplicates), bytes: sum((end) => end.bytes) };
  const wrong = Object.entries(totals).filter(([name, value]) => row[name as keyof typeof totals] !== value).map(([name, value]) => `${row.tag}: ${name} is ${row[name as keyof typeof totals]}, its segments say ${value}`);
  if (row.status !== (row.failed > 0 ? 'failed' : 'done')) wrong.push(`${row.tag} is ${row.status}`);
  if (row.reason === 'replay') return wrong;
  const archived = paths.filter((path) => path.startsWith(`archive/${row.kind}/${row.tag}/`)).map((path) => basename(path));
  const stored = ends.filter(({ failure }) => failure === null).map(({ name }) => name).sort();
  if (archived.join() !== stored.join()) wrong.push(`${row.tag}: archive/ has ${archived.join()}, stored were ${stored.join()}`);
  return wrong;
}

/** What was told, `{event} {key}`, in order. */
export function told({ folder }: GateHome): string[] {
  const db = new Database(join(folder, 'state.db'), { readonly: true });
  try {
    return db.prepare('SELECT key FROM deliveries ORDER BY rowid').pluck().all() as string[];
  } finally {
    db.close();
  }
}
