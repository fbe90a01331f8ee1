// What the acts of a pipeline work with: the worker's ports, the row of the run, and the forge that it is for.
import { PivoError } from '../../contract/failures.ts';
import { proposalHash } from '../../contract/pipeline.ts';
import type { PipelineJob, PipelineRow } from '../../contract/pipeline-run.ts';
import type { Forge } from '../../forges/forge.ts';
import { openForge } from '../../forges/open.ts';
import { tokenOf } from '../../git/credentials.ts';
import type { ActivityDeps, PipelinePorts } from '../act.ts';

/** Fails with InvalidInput where this worker makes no pipelines: another attempt would not either. */
export function portsOf({ pipelines }: ActivityDeps): PipelinePorts {
  if (pipelines === undefined) throw new PivoError('InvalidInput', 'this worker makes no pipelines');
  return pipelines;
}

/** The proposal that this run made. Fails with NotFound, and with Exists where it is another run's. */
export function rowOf(deps: ActivityDeps, job: PipelineJob): PipelineRow {
  const row = ownRow(deps, job);
  if (row === null) throw new PivoError('NotFound', `the proposal of pipeline ${job.pipelineId} is not in this home's state database`, { hint: 'Generate it again.' });
  return row;
}

/** As `rowOf`, of the proposal with this hash (none: a run from before it was told). Fails with PlanChanged where the files that are kept are others. */
export function approvedRow(deps: ActivityDeps, job: PipelineJob, hash: string | undefined): PipelineRow {
  const row = rowOf(deps, job);
  if (proposalHash(row.proposal) === (hash ?? row.hash)) return row;
  throw new PivoError('PlanChanged', `the files that are kept for pipeline ${job.pipelineId} are not those that were approved`, { hint: 'Nothing was committed. Generate it again, and find out who changed state.db.' });
}

/** As `rowOf`; null where nothing is kept yet. */
export function ownRow(deps: ActivityDeps, { pipelineId, workflow, request }: PipelineJob): PipelineRow | null {
  const row = portsOf(deps).rows.find(pipelineId);
  if (row === null || (row.runId === workflow.runId && row.repository === request.repository)) return row;
  throw new PivoError('Exists', `the pipeline ${pipelineId} is another run's, of ${row.repository}`, { hint: 'Start this one under another workflow id.' });
}

/** The forge at a URL, with the run's credential or the configured one. Fails as `openForge` does. */
export function forgeAt(deps: ActivityDeps, { request }: PipelineJob, url: string): Promise<Forge> {
  return openForge(url, { forges: portsOf(deps).forges, credential: request.credential ?? null, token: (name) => tokenOf(deps.credentials, name) });
}
