// Many small repositories through one worker: made, backed up by the running PIVO, and what that took.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { callOperation } from '../../apps/cli/call.ts';
import type { IngestResult } from '../../contract/ingest.ts';
import { ingestWorkflowId } from '../../contract/names.ts';
import { linearHistory } from '../fixtures/linear-history.ts';
import type { Pivo } from '../harness/pivo.ts';

export const fleetName = (n: number): string => `fleet-${String(n).padStart(4, '0')}`;

const COMMITS = 3;
/** Ingests that are asked for at a time. */
const AT_ONCE = 16;

/** Repositories `from` to `to - 1` below a folder, each with a history of its own. */
export async function makeFleet(folder: string, from: number, to: number): Promise<void> {
  await inTurns(from, to, 4, (n) => linearHistory(join(folder, `${fleetName(n)}.git`), { commits: COMMITS, files: 3, seed: n + 1 }));
}

/** Backs repositories `from` to `to - 1` up through the server's socket; fails as the first of them does. */
export async function backUpFleet({ home }: Pivo, folder: string, from: number, to: number): Promise<IngestResult[]> {
  const results: IngestResult[] = [];
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  await inTurns(from, to, AT_ONCE, async (n) => {
    const url = join(folder, `${fleetName(n)}.git`);
    results.push(await callOperation<IngestResult>(join(home, 'run/server.sock'), 'ingest', { url, name: fleetName(n) }, options, () => Promise.reject(new Error('PIVO does not run'))));
  });
  return results;
}

async function inTurns(from: number, to: number, atOnce: number, act: (n: number) => Promise<void>): Promise<void> {
  let next = from;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < to) await act(next++);
  }));
}

/** Memory of the worker in MB: now, and at its highest so far (proc(5), VmRSS and VmHWM). */
export async function workerMemory(pivo: Pivo): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${await pivo.workerPid()}/status`, 'utf8');
  const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1000;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

export interface HistorySize {
  events: number;
  bytes: number;
}

/** The largest history of the fleet's last ingests: Temporal ends a run at 51,200 events or 50 MB, and warns at a fifth. */
export async function largestHistory({ home }: Pivo, count: number): Promise<HistorySize> {
  const record = JSON.parse(await readFile(join(home, 'run/stack.json'), 'utf8')) as { temporal: { address: string } };
  const connection = await Connection.connect({ address: record.temporal.address });
  const largest = { events: 0, bytes: 0 };
  try {
    const client = new Client({ connection, namespace: 'default' });
    await inTurns(0, count, 8, async (n) => {
      const { historyLength, historySize } = await client.workflow.getHandle(ingestWorkflowId(fleetName(n))).describe();
      largest.events = Math.max(largest.events, historyLength);
      largest.bytes = Math.max(largest.bytes, historySize ?? 0);
    });
  } finally {
    await connection.close();
  }
  return largest;
}

/** Files of a folder's caches on this machine. */
export async function filesBelow(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)('find', [folder, '-type', 'f'], { maxBuffer: 2 ** 28 });
  return stdout.split('\n').length - 1;
}
