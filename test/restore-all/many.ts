// Many small repositories in one archive, and what runs of a restore of many say.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { reportIn, type FailureReport } from '../../contract/failures.ts';
import type { RestoreAllReceipt, RestoreAllStatus } from '../../contract/restore-all.ts';
import { atOnce } from '../../restore/many/at-once.ts';
import { importCommits } from '../fixtures/fast-import.ts';
import { initBare } from '../fixtures/plumbing.ts';
import type { IngestHarness } from '../harness/ingest.ts';

export const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `acme.r${String(i).padStart(2, '0')}`);

/** Makes an origin with two commits, a branch and a tag, all of them its own. */
export async function originOf(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const origin = join(folder, `${name}.git`);
  await initBare(origin);
  await importCommits(origin, [
    { ref: 'refs/heads/main', mark: 1, message: `begin ${name}`, files: [{ path: 'README', content: `${name}\n` }] },
    { ref: 'refs/heads/main', mark: 2, parents: [1], message: `go on with ${name}`, files: [{ path: 'src/a', content: `${name} a\n` }] },
    { ref: 'refs/tags/v1', mark: 3, parents: [1], message: `release ${name}`, files: [{ path: 'VERSION', content: '1\n' }] },
  ]);
  return origin;
}

/** Backs up as many repositories; gives the folder of their origins. */
export async function backUpMany(pivo: IngestHarness, folder: string, names: readonly string[]): Promise<void> {
  await atOnce(3, names, async (name) => pivo.ingest(await originOf(folder, name), name));
}

export const statusOf = (handle: WorkflowHandle): Promise<RestoreAllStatus> => handle.query<RestoreAllStatus>('status');

/** The status once the run awaits a decision, or ended. */
export async function planned(handle: WorkflowHandle): Promise<RestoreAllStatus> {
  for (;;) {
    const now = await statusOf(handle);
    if (now.state !== 'planning') return now;
  }
}

export const failureOf = (handle: WorkflowHandle): Promise<FailureReport | null> => handle.result().then(() => null, reportIn);

/** Names by what became of them. */
export function outcomesOf({ receipts }: RestoreAllReceipt): Record<string, string[]> {
  const by = Map.groupBy(receipts, ({ outcome }) => outcome);
  return Object.fromEntries([...by].map(([outcome, rows]) => [outcome, rows.map(({ repository }) => repository).toSorted()]));
}
