// Peak memory of the worker for a repository of 10 MB and one of 1 GB: it must not grow with the repository.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Row } from './bench.ts';
import { repositoryOfSize } from './repositories.ts';
import { withPivo } from './with-pivo.ts';

/** What "the same" means: garbage collection alone moves the peak by this much. */
const TOLERANCE = 1.25;

export const memoryBench: Bench = {
  name: 'memory',
  title: 'Peak memory of the worker process over one ingest and one restore, 1 GB beside 10 MB',
  run: async ({ scratch }) => {
    const small = await peakFor(scratch, 10);
    const large = await peakFor(scratch, 1000);
    const row = (what: string, pick: (peak: Peak) => number): Row => ({ what, unit: 'MB', pivo: pick(large), beside: { name: '10 MB', value: pick(small) }, allowed: TOLERANCE * pick(small) });
    return [row('after the ingest of 1 GB', ({ ingest }) => ingest), row('after its restore', ({ restore }) => restore)];
  },
};

interface Peak {
  ingest: number;
  restore: number;
}

/** Peaks of a fresh worker in MB. */
async function peakFor(scratch: string, megabytes: number): Promise<Peak> {
  const repository = await repositoryOfSize(scratch, megabytes);
  const target = join(scratch, 'restored.git');
  try {
    return await withPivo(scratch, async (pivo) => {
      await pivo.json('ingest', repository, '--name', 'bench');
      const ingest = await peakOf(await pivo.workerPid());
      await pivo.json('restore', 'bench', '--to', target, '--yes');
      return { ingest, restore: await peakOf(await pivo.workerPid()) };
    });
  } finally {
    await Promise.all([repository, target].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** Highest resident size of a process so far (proc(5), VmHWM). */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1000;
}
