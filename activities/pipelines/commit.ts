// Acts: where an approved pipeline's commit begins, the commit itself, and the request to merge it.
import { PivoError } from '../../contract/failures.ts';
import type { CommitPlace, PipelineJob, PipelineRow } from '../../contract/pipeline-run.ts';
import type { Forge } from '../../forges/forge.ts';
import type { ActRun, ActivityDeps } from '../act.ts';
import { approvedRow, forgeAt, portsOf, rowOf } from './ports.ts';

interface Approved {
  job: PipelineJob;
  /** What was approved. */
  hash?: string;
}

/** Digits of the hash in the branch's name. */
const SHORT = 12;

/**
 * The default branch and its head now: with it written down, the commit is the same however often it is ordered.
 * Fails with Exists where a file is no more what the proposal showed, and as `approvedRow` and the forge do.
 */
export async function findCommitPlace(deps: ActivityDeps, { job, approvedBy, hash }: Approved & { approvedBy: string }, { signal, onProgress }: ActRun): Promise<CommitPlace> {
  onProgress({ phase: 'looking at the forge' });
  const row = approvedRow(deps, job, hash);
  portsOf(deps).rows.change(job.pipelineId, { status: 'approved', approver: approvedBy });
  const forge = await forgeAt(deps, job, row.forge);
  const { defaultBranch, path } = await forge.repository(signal);
  const base = await forge.head(defaultBranch, signal);
  if (base === null) throw new PivoError('NotFound', `${path} has no branch ${defaultBranch}`, { hint: 'Push a first commit, then generate the pipeline again.' });
  await checkFiles(forge, row, base, signal);
  return { branch: `pivo/pipeline-${row.hash.slice(0, SHORT)}`, base, into: defaultBranch };
}

/** Fails with Exists that names the file. */
async function checkFiles(forge: Forge, { proposal }: PipelineRow, base: string, signal: AbortSignal): Promise<void> {
  for (const { path, existing } of proposal.files) {
    const now = await forge.file(path, base, signal);
    if (now === existing) continue;
    const what = now === null ? 'is not there any more' : existing === null ? 'is there by now' : 'has changed since';
    throw new PivoError('Exists', `${path} ${what}: it is not what the approved proposal showed`, { hint: 'Nothing was committed. Back the repository up and generate the pipeline again, so that what it replaces is shown.', facts: { path, base } });
  }
}

/** One commit of the approved files. Done again, it finds the one it made. Fails as `approvedRow` and the forge do. */
export async function commitPipeline(deps: ActivityDeps, { job, place, hash }: Approved & { place: CommitPlace }, { signal, onProgress }: ActRun): Promise<{ commit: string; url: string | null }> {
  onProgress({ phase: 'committing' });
  const row = approvedRow(deps, job, hash);
  const files = row.proposal.files.filter(({ content, existing }) => content !== existing);
  const made = await (await forgeAt(deps, job, row.forge)).commit({ branch: place.branch, base: place.base, message: messageOf(row), files }, signal);
  portsOf(deps).rows.change(job.pipelineId, { branch: place.branch, commitId: made.commit });
  return made;
}

const messageOf = ({ system, hash }: PipelineRow): string => `Add a pipeline for ${system === 'gitlab' ? 'GitLab CI' : 'GitHub Actions'}\n\nProposed by PIVO, approved by a person (proposal ${hash.slice(0, SHORT)}).\n`;

/** The request to merge the branch; the open one where there is one. Fails as the forge does. */
export async function requestPipelineMerge(deps: ActivityDeps, { job, place }: { job: PipelineJob; place: CommitPlace }, { signal, onProgress }: ActRun): Promise<{ url: string; number: number }> {
  onProgress({ phase: 'asking for a merge' });
  const row = rowOf(deps, job);
  const request = await (await forgeAt(deps, job, row.forge)).requestMerge(place.branch, place.into, 'Add a CI pipeline', bodyOf(row), signal);
  portsOf(deps).rows.change(job.pipelineId, { status: 'committed', mergeRequest: request.url });
  return request;
}

function bodyOf({ proposal: { files, templates, writtenBy }, commit, hash, id }: PipelineRow): string {
  return [`PIVO proposed these files for commit ${commit}; a person approved exactly them.`, '', ...files.map(({ path, existing }) => `- \`${path}\`${existing === null ? '' : ' (replaced)'}`), '', `Templates: ${templates.join(', ') || 'none'}. Written by ${writtenBy}. Proposal ${hash}, pipeline ${id}.`].join('\n');
}
