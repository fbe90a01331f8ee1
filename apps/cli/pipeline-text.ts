// A proposed pipeline as people read it: its files as a diff to what is there, its jobs, its problems, and how its run is.
import { createTwoFilesPatch } from 'diff';
import type { ProposedFile, WatchedPipeline } from '../../contract/pipeline.ts';
import type { PipelineView } from '../../operations/pipeline-view.ts';
import { fields, many, safeLine, table } from './format.ts';
import type { Style } from './session.ts';

/** The exact files that an approval is for, and what the checks have against them. */
export function proposalText({ id, repository, commit, forge, system, hash, proposal }: PipelineView, style: Style): string {
  const { files, stages, jobs, templates, problems, writtenBy } = proposal;
  return [
    `${style.bold(`Pipeline ${id}`)}\n`,
    fields([
      ['For', `${repository} at ${commit.slice(0, 12)}`],
      ['To', `${safeLine(forge)}  ${style.dim(`(${system})`)}`],
      ['Jobs', stages.map((stage) => `${safeLine(stage)}: ${jobs.filter((job) => job.stage === stage).map(({ name }) => safeLine(name)).join(', ') || '-'}`).join('  →  ')],
      ['Made of', `${templates.join(', ') || 'no template'}, by ${safeLine(writtenBy)}`],
    ], '  '),
    ...files.map((file) => fileText(file, style)),
    ...problems.map(({ severity, check, path, line, message }) => `  ${severity === 'error' ? style.red('✗') : style.yellow('!')} ${safeLine(`${path}${line === null ? '' : `:${line}`}`)} ${safeLine(message)} ${style.dim(check)}\n`),
    `  ${style.dim(`hash ${hash}`)}\n`,
  ].join('');
}

/** A new file as it is, another as a diff to what it replaces. */
function fileText({ path, content, existing }: ProposedFile, style: Style): string {
  const head = `\n  ${style.bold(safeLine(path))} ${style.dim(existing === null ? '(new)' : existing === content ? '(as it is)' : '(replaces what is there)')}\n`;
  const lines = (existing === null ? content : createTwoFilesPatch(path, path, existing, content).replace(/^.*\n.*\n.*\n.*\n/, '')).replace(/\n$/, '').split('\n');
  return `${head}${lines.map((line) => `  ${coloured(safeLine(line), existing !== null, style)}\n`).join('')}\n`;
}

function coloured(line: string, isDiff: boolean, style: Style): string {
  if (!isDiff) return line;
  return line.startsWith('+') ? style.green(line) : line.startsWith('-') ? style.red(line) : line;
}

/** What became of it: branch, request, jobs, and why a job failed. */
export function pipelineStateText({ id, status, approver, branch, commitId, mergeRequest, run, failed, failure }: PipelineView, style: Style): string {
  return [
    `${style.bold(`Pipeline ${id}`)} ${status}\n`,
    fields([
      ['Approved by', safeLine(approver ?? '-')],
      ['Branch', safeLine(branch ?? '-')],
      ['Commit', commitId ?? '-'],
      ['To merge', safeLine(mergeRequest ?? '-')],
      ...(failure === null ? [] : [['Ended', safeLine(failure)] as [string, string]]),
    ], '  '),
    runText(run, style),
    ...failed.map(({ name, note, cause }) => `  ${style.red('✗')} ${safeLine(name)}: ${safeLine(cause?.text ?? note ?? 'no cause was found').slice(0, 2_000)}\n`),
  ].join('');
}

export function runText(run: WatchedPipeline | null, style: Style): string {
  if (run === null) return `  ${style.dim('no run yet')}\n`;
  return `  Run ${safeLine(run.id)}: ${run.state}, ${many(run.jobs.length, 'job')}${run.url === null ? '' : ` ${style.dim(safeLine(run.url))}`}\n${table(run.jobs, [
    { title: '  STAGE', value: ({ stage }) => `  ${safeLine(stage)}` },
    { title: 'JOB', value: ({ name }) => safeLine(name) },
    { title: 'STATE', value: ({ state }) => (state === 'failed' ? style.red(state) : state === 'passed' ? style.green(state) : state) },
    { title: 'SECONDS', value: ({ seconds }) => (seconds === null ? '-' : String(Math.round(seconds))) },
  ], style.dim)}`;
}
