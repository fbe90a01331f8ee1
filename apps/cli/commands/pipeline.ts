// `pipeline`: propose CI files for a repository of the archive, approve exactly them, and watch them run.
import type { Command } from 'commander';
import { PivoError } from '../../../contract/failures.ts';
import { parseSpec } from '../../../contract/spec.ts';
import type { PipelineRunStatus } from '../../../contract/pipeline-run.ts';
import type { PipelineToApprove } from '../../../operations/commit-pipeline.ts';
import type { GeneratedPipeline } from '../../../operations/generate-pipeline.ts';
import type { PipelineState } from '../../../operations/pipeline-status.ts';
import type { PipelineView } from '../../../operations/pipeline-view.ts';
import type { Pipelines } from '../../../operations/pipelines.ts';
import { ask, canAsk } from '../ask.ts';
import { instant, safeLine, table } from '../format.ts';
import { example, JSON_OPTION, POINT_HELP } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import { pipelineStateText, proposalText, runText } from '../pipeline-text.ts';
import type { Act } from '../program.ts';
import type { Session } from '../session.ts';
import { spanSeconds } from '../span.ts';

interface GenerateOptions {
  to?: string;
  system?: string;
  wish?: string;
  credential?: string;
  expires?: string;
}

export function addPipelineCommands(program: Command, act: Act): void {
  const pipeline = program.command('pipeline').description('a CI pipeline for a repository: proposed, approved by you, committed on a branch, watched');
  addProposing(pipeline, act);
  addDeciding(pipeline, act);
  addLooking(pipeline, act);
}

function addProposing(pipeline: Command, act: Act): void {
  pipeline
    .command('generate')
    .description('propose .gitlab-ci.yml or a GitHub workflow, and a Dockerfile where one is missing; commits nothing')
    .argument('<repo[@point]>', 'a repository of the archive: its name, or the URL it was backed up from')
    .option('-t, --to <url>', 'the repository on a forge that it is for (default: the origin)')
    .option('--system <system>', 'gitlab or github, where the forge does not tell')
    .option('--wish <text>', 'what you want of it, in words')
    .option('-c, --credential <name>', 'the stored token for the forge (default: that of [[forges]])')
    .option('--expires <span>', 'how long the proposal waits for approval: 30m, 6h, 2d (default: 1d)')
    .option(...JSON_OPTION)
    .addHelpText('after', POINT_HELP + example('pivo pipeline generate execa', 'pivo pipeline generate execa@v9.0.0 --to https://gitlab.com/team/execa'))
    .action(act(async (session, spec: string, options: GenerateOptions) => {
      session.progress.begin('generating');
      const made = await session.call<GeneratedPipeline>('generate-pipeline', inputOf(spec, options));
      await session.answer(made, () => `${proposalText(made, session.style)}${nextText(made)}`);
    }));
  pipeline
    .command('commit')
    .description('show the proposal that waits, and ask whether it is committed')
    .argument('<repo>', 'its name, or its URL')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline commit execa'))
    .action(act(async (session, repoUrl: string) => {
      const waiting = await session.call<PipelineToApprove>('commit-pipeline', { repo_url: repoUrl });
      if (canAsk(session)) return decide(session, waiting);
      await session.answer(waiting, () => `${proposalText(waiting, session.style)}${nextText(waiting)}`);
      return 0;
    }));
}

function inputOf(spec: string, { to, system, wish, credential, expires }: GenerateOptions): object {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\/|^[^/@\s]+@[^/:\s]+:/i.test(spec);
  const { repository, point } = isUrl ? { repository: spec, point: undefined } : parseSpec(spec);
  const given = { point, forge: to, system, wish, credential, expiresAfter: expires === undefined ? undefined : spanSeconds(expires) };
  return { repo_url: repository, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

const nextText = ({ id, hash, expires }: Pick<GeneratedPipeline, 'id' | 'hash' | 'expires'>): string => `It waits for your approval until ${instant(expires)} UTC: pivo pipeline approve ${id} ${hash}\n`;

function addDeciding(pipeline: Command, act: Act): void {
  pipeline
    .command('approve')
    .description('approve exactly the files of a proposal; they are committed, and the run is watched to its end')
    .argument('<id>', 'the pipeline, as `pivo pipeline list` names it')
    .argument('[hash]', 'the hash of its files; without it they are shown and asked about')
    .option('--no-wait', 'return when it is approved')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline approve execa-3f9a2c11d0'))
    .action(act(async (session, id: string, hash: string | undefined, { wait }: { wait: boolean }) => {
      if (hash !== undefined) return approve(session, id, hash, wait);
      if (!canAsk(session)) throw new PivoError('InvalidInput', 'the hash of the files is missing', { hint: `See them with \`pivo pipeline show ${id}\`, then: pivo pipeline approve ${id} HASH` });
      return decide(session, await shown(session, id));
    }));
  pipeline
    .command('reject')
    .description('reject a proposal; nothing is committed')
    .argument('<id>', 'the pipeline, as `pivo pipeline list` names it')
    .option('--reason <text>', 'why, for the audit log')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline reject execa-3f9a2c11d0 --reason "no Dockerfile wanted"'))
    .action(act(async (session, id: string, { reason }: { reason?: string }) => {
      const status = await session.call<PipelineRunStatus>('reject-pipeline', { pipeline: id, ...(reason === undefined ? {} : { reason }) });
      await session.answer(status, () => `${session.style.green('✓')} ${id} is rejected; nothing was committed\n`);
    }));
}

/** Shows the files and does what the person says. */
async function decide(session: Session, view: PipelineView): Promise<number> {
  session.note(proposalText(view, session.style));
  if (await ask(session, 'Commit exactly these files on a branch, and open a merge request?')) return approve(session, view.id, view.hash, true);
  await session.call('reject-pipeline', { pipeline: view.id, proposalHash: view.hash, reason: 'declined at the terminal' });
  throw new PivoError('PlanRejected', 'the pipeline was not committed');
}

async function approve(session: Session, id: string, proposalHash: string, wait: boolean): Promise<number> {
  session.progress.begin('committing and watching');
  const answer = await session.call<PipelineView | PipelineRunStatus>('approve-pipeline', { pipeline: id, proposalHash, wait });
  await session.answer(answer, (told) => ('proposal' in told ? pipelineStateText(told, session.style) : `${session.style.green('✓')} ${id} is approved; how it is: pivo pipeline status --id ${id}\n`));
  return 0;
}

async function shown(session: Session, id: string): Promise<PipelineView> {
  const { pipeline } = await session.call<PipelineState>('pipeline-status', { pipeline: id });
  if (pipeline === null) throw new PivoError('NotFound', `there is no pipeline "${id}"`);
  return pipeline;
}

function addLooking(pipeline: Command, act: Act): void {
  pipeline
    .command('show')
    .description('the files of a proposal, as a diff to what is there, and the problems that checks found')
    .argument('<id>', 'the pipeline, as `pivo pipeline list` names it')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline show execa-3f9a2c11d0'))
    .action(act(async (session, id: string) => {
      const view = await shown(session, id);
      await session.answer(view, () => `${proposalText(view, session.style)}${pipelineStateText(view, session.style)}`);
    }));
  pipeline
    .command('status')
    .description('how a pipeline runs: its jobs, and why one failed')
    .argument('[repo]', 'its name, or its URL')
    .option('--branch <branch>', 'this branch (default: that of the latest proposal)')
    .option('--id <pipeline>', 'this pipeline')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline status execa', 'pivo pipeline status execa --branch main'))
    .action(act(async (session, repoUrl: string | undefined, { branch, id }: { branch?: string; id?: string }) => {
      const given = { repo_url: repoUrl, branch, pipeline: id };
      const state = await session.call<PipelineState>('pipeline-status', Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
      await session.answer(state, () => (state.pipeline === null ? runText(state.run, session.style) : pipelineStateText(state.pipeline, session.style)));
    }));
  pipeline
    .command('list')
    .description('the pipelines that were proposed, and what became of them')
    .argument('[repo]')
    .option('--limit <n>', 'most of them (default: 50)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo pipeline list', 'pivo pipeline list execa'))
    .action(act(async (session, repository: string | undefined, { limit }: { limit?: number }) => {
      const { pipelines } = await session.call<Pipelines>('pipelines', { ...(repository === undefined ? {} : { repository }), ...(limit === undefined ? {} : { limit }) });
      await session.answer(pipelines, () => listText(pipelines, session));
    }));
}

function listText(pipelines: Pipelines['pipelines'], { style }: Session): string {
  if (pipelines.length === 0) return 'no pipeline was proposed yet\n';
  return table(pipelines, [
    { title: 'ID', value: ({ id }) => id },
    { title: 'REPOSITORY', value: ({ repository }) => repository },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'RUN', value: ({ run }) => run?.state ?? '-' },
    { title: 'BRANCH', value: ({ branch }) => safeLine(branch ?? '-') },
    { title: 'APPROVED BY', value: ({ approver }) => safeLine(approver ?? '-') },
    { title: 'WHEN (UTC)', value: ({ created }) => instant(created) },
  ], style.dim);
}
