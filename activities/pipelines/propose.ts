// Act: reads the repository in the archive, proposes a pipeline for it, checks it and keeps it.
import { commitOf, resolvePoint } from '../../archive/reading/points.ts';
import { filesOf } from '../../archive/reading/commit-files.ts';
import { openLibrary } from '../../archive/reading/library.ts';
import { PivoError, isPivoError } from '../../contract/failures.ts';
import { proposalHash, type CiSystem, type PipelineProblem, type PipelineProposal } from '../../contract/pipeline.ts';
import type { PipelineJob, PipelinePreview, PipelineRow, ProposedPipeline } from '../../contract/pipeline-run.ts';
import { forgeOf, noPipelines } from '../../forges/open.ts';
import { checkUrl } from '../../git/url.ts';
import { propose } from '../../pipelines/propose.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { forgeAt, ownRow, portsOf } from './ports.ts';

/** The same run has one proposal, however often the act is done. Fails as `propose` does, and with NotFound for a repository or point that the archive has not. */
export async function proposePipeline(deps: ActivityDeps, job: PipelineJob, run: ActRun): Promise<ProposedPipeline> {
  const row = ownRow(deps, job) ?? portsOf(deps).rows.propose(await newRow(deps, job, run));
  return { proposalHash: row.hash, preview: previewOf(row) };
}

async function newRow(deps: ActivityDeps, job: PipelineJob, run: ActRun): Promise<PipelineRow> {
  const { repository, point, requestedBy } = job.request;
  const library = openLibrary({ store: deps.store, cache: deps.cache });
  try {
    const reader = await library.reader(repository);
    const found = await resolvePoint(reader, point);
    const commit = commitOf(found, repository);
    const forge = checkUrl(job.request.forge ?? found.visit.origin, deps.protocols).url;
    const { system, untold } = systemOf(deps, job, forge);
    const { files, others, findings, read } = await filesOf(reader, commit, '', run.signal);
    const head = found.snapshot.head.symref;
    const branch = head?.startsWith('refs/heads/') === true ? head.slice('refs/heads/'.length) : undefined;
    const { tools, writer } = portsOf(deps);
    const lint = system === 'gitlab' && untold === null ? lintOf(deps, job, forge) : undefined;
    const secretVariables = untold === null ? await secretVariablesOf(deps, job, forge, run) : [];
    const made = await propose({ repository, commit, files, others, findings, read, system, wish: job.request.wish, defaultBranch: branch }, { tools, forgeLint: lint, secretVariables, writer, signal: run.signal, onPhase: (phase) => run.onProgress({ phase }) });
    const proposal: PipelineProposal = untold === null ? made : { ...made, problems: [...made.problems, untold] };
    const now = new Date().toISOString();
    return { id: job.pipelineId, runId: job.workflow.runId, repository, commit, forge, system, status: 'generated', hash: proposalHash(proposal), proposal, requestedBy, approver: null, branch: null, commitId: null, mergeRequest: null, run: null, failed: [], failure: null, created: now, updated: now };
  } finally {
    await library.close();
  }
}

/** The forge's system; the asked one, with a warning, where no forge is known. Fails with InvalidInput where nothing tells, or the two differ. */
function systemOf(deps: ActivityDeps, { request: { system } }: PipelineJob, forge: string): { system: CiSystem; untold: PipelineProblem | null } {
  try {
    const { kind, api } = forgeOf(forge, portsOf(deps).forges);
    if (kind === 'gitea') throw noPipelines({ api });
    if (system !== undefined && system !== kind) throw new PivoError('InvalidInput', `${forge} is on a ${kind}, and a pipeline for ${system} was asked for`, { hint: 'Name no system, or another forge.' });
    return { system: kind, untold: null };
  } catch (error) {
    if (!isPivoError(error, 'InvalidInput') || system === undefined || error.facts['host'] === undefined) throw error;
    return { system, untold: { check: 'forge', severity: 'warning', path: '', line: null, message: `it cannot be committed: ${error.message}` } };
  }
}

/** GitLab's own lint; a forge that cannot be asked becomes a warning of the validation. */
const lintOf = (deps: ActivityDeps, job: PipelineJob, url: string) => async (content: string, signal?: AbortSignal): Promise<PipelineProblem[] | null> => (await forgeAt(deps, job, url)).lint(content, signal);

/** Names only. Where the forge cannot be asked, the checks go by what names say: the same that a token without the right sees. */
async function secretVariablesOf(deps: ActivityDeps, job: PipelineJob, url: string, { signal, log }: ActRun): Promise<string[]> {
  try {
    return await (await forgeAt(deps, job, url)).variables(signal);
  } catch (error) {
    signal.throwIfAborted();
    log.info({ error, forge: url }, 'the forge did not tell which variables it keeps secret');
    return [];
  }
}

const countOf = (problems: readonly PipelineProblem[], severity: PipelineProblem['severity']): number => problems.filter((problem) => problem.severity === severity).length;

function previewOf({ repository, commit, forge, system, proposal }: PipelineRow): PipelinePreview {
  const { files, stages, jobs, templates, problems, writtenBy } = proposal;
  return { repository, commit, forge, system, files: files.map(({ path, content, existing }) => ({ path, bytes: Buffer.byteLength(content), replaces: existing !== null })), stages, jobs: jobs.length, templates, errors: countOf(problems, 'error'), warnings: countOf(problems, 'warning'), writtenBy };
}
