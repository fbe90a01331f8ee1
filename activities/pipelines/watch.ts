// Acts: one look at the run of a committed pipeline, and the log of a job that failed.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PivoError } from '../../contract/failures.ts';
import type { WatchedJob, WatchedPipeline } from '../../contract/pipeline.ts';
import type { PipelineChange, PipelineJob } from '../../contract/pipeline-run.ts';
import { ingestApart } from '../../logs/ingest-apart.ts';
import { dropUploaded, uploadsOf } from '../../logs/uploads.ts';
import { writeWhole } from '../../whole-file.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { forgeAt, portsOf, rowOf } from './ports.ts';

/** Jobs of a run that a look brings; those that failed are among them. */
const MOST_JOBS = 200;

/** The run of a commit as it is now; null while there is none. Fails as the forge does. */
export async function lookAtPipeline(deps: ActivityDeps, { job, commit }: { job: PipelineJob; commit: string }, { signal }: ActRun): Promise<WatchedPipeline | null> {
  const seen = await (await forgeAt(deps, job, rowOf(deps, job).forge)).pipeline({ commit }, signal);
  if (seen === null) return null;
  const run = { ...seen, jobs: mostOf(seen.jobs) };
  portsOf(deps).rows.change(job.pipelineId, { run });
  return run;
}

/** In their order; of too many the last are left out, and one that failed never before one that did not. */
function mostOf(jobs: readonly WatchedJob[]): WatchedJob[] {
  const kept = new Set(jobs.toSorted((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed')).slice(0, MOST_JOBS));
  return jobs.filter((job) => kept.has(job));
}

/** Reads the log of a job into the log index; its source there. Fails with InvalidInput where it holds no line, and as the forge does. */
export async function readJobLog(deps: ActivityDeps, { job, of }: { job: PipelineJob; of: Pick<WatchedJob, 'id' | 'name'> }, run: ActRun): Promise<{ source: string }> {
  const { logIndex: index } = deps;
  if (index === undefined) throw new PivoError('InvalidInput', 'this worker keeps no log index');
  const forge = await forgeAt(deps, job, rowOf(deps, job).forge);
  const file = join(uploadsOf(index), `pipeline-${job.pipelineId}-${of.id.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}`);
  await mkdir(uploadsOf(index), { recursive: true, mode: 0o700 });
  try {
    await writeWhole(file, (sink) => pipeline(forge.jobLog(of.id, run.signal), sink, { signal: run.signal }));
    const { logs, refused } = await ingestApart({ index, request: { paths: [file], name: `${of.name} of pipeline ${job.pipelineId}`.slice(0, 300), run: job.workflow.id, spooled: true }, hideAddresses: deps.vault !== undefined }, run);
    const source = logs[0]?.source;
    if (source === undefined) throw new PivoError('InvalidInput', `the log of job ${of.name} cannot be read: ${refused[0]?.reason ?? 'it is empty'}`);
    return { source };
  } finally {
    await dropUploaded(index, [file]);
  }
}

/** Keeps what became of the run. Nothing is kept of a run that made no proposal. Fails with Unavailable. */
export function keepPipeline(deps: ActivityDeps, { job, change }: { job: PipelineJob; change: PipelineChange }): Promise<void> {
  const { rows } = portsOf(deps);
  if (rows.find(job.pipelineId)?.runId === job.workflow.runId) rows.change(job.pipelineId, change);
  return Promise.resolve();
}
