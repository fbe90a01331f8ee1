// `debug`: why something failed, with the lines that prove it.
import type { Command } from 'commander';
import type { DebugAnswer, EvidenceLine } from '../../../contract/diagnosis.ts';
import { safe, safeLine } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import { wholeNumber } from '../numbers.ts';
import type { Act } from '../program.ts';
import type { Style } from '../session.ts';

interface DebugOptions {
  run?: string;
  source?: string;
  since?: string;
  until?: string;
  limit?: number;
}

export function addDebugCommand(program: Command, act: Act): void {
  program
    .command('debug')
    .description('why something failed, with the lines that prove it')
    .argument('<question>', 'what went wrong, in plain words; "last night" or "an hour ago" narrow it')
    .option('--run <id>', 'only this run: a workflow id, or an application id')
    .option('--source <id>', 'only this log, as `pivo search` names it')
    .option('--since <instant>', 'only lines from then on, ISO 8601')
    .option('--until <instant>', 'only lines before then, ISO 8601')
    .option('--limit <lines>', 'most lines of evidence (default: 8)', wholeNumber)
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo debug "why did last night\'s restore fail?"', 'pivo debug "why did daily-revenue die?" --since 2026-11-20T00:00Z', 'pivo debug "what stopped it?" --run ingest:execa --json'))
    .action(act(async (session, question: string, { run, source, since, until, limit }: DebugOptions) => {
      const input = { question, ...(run === undefined ? {} : { run }), ...(source === undefined ? {} : { source }), ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }), ...(limit === undefined ? {} : { limit }) };
      await session.answer(await session.call<DebugAnswer>('debug', input), (answer) => textOf(answer, session.style));
    }));
}

function textOf(answer: DebugAnswer, style: Style): string {
  const { cause, confidence, window, run, writtenBy } = answer;
  if (writtenBy !== 'pivo') return `${safe(answer.text)}\n\n${style.dim(`written by ${safeLine(writtenBy)} from this evidence:`)}\n${linesOf(answer.evidence, style)}`;
  const head = cause === null ? style.yellow('The cause is not known: no line proves one.') : `${style.bold(safeLine(cause.title))} ${style.dim(`(${confidence})`)}\n${safeLine(cause.meaning)}`;
  const looked = [...(run === null ? [] : [`run ${safeLine(run)}`]), ...(window === null ? [] : [`${window.words === null ? '' : `${safeLine(window.words)}: `}${window.from ?? ''} to ${window.to ?? 'now'}`])];
  return [
    `${head}\n`,
    looked.length === 0 ? '' : `${style.dim(`looked at ${looked.join(', ')}`)}\n`,
    section('Evidence', linesOf(answer.evidence, style), style),
    section('Check', answer.toCheck.map((each) => `  ${safeLine(each)}\n`).join(''), style),
    section('Run yourself', answer.toRun.map(({ command, why }) => `  ${safeLine(command)}\n      ${style.dim(safeLine(why))}\n`).join(''), style),
    section('Missing', answer.missing.map((each) => `  ${safeLine(each)}\n`).join(''), style),
    section('Also found, fits less', answer.others.map(({ title, link }) => `  ${safeLine(title)}  ${style.dim(link)}\n`).join(''), style),
  ].join('');
}

const section = (title: string, body: string, style: Style): string => (body === '' ? '' : `\n${style.bold(title)}\n${body}`);

const linesOf = (evidence: readonly EvidenceLine[], style: Style): string =>
  evidence.map(({ link, from, time, text, why }) => `  ${safeLine(text)}\n      ${style.dim(`${link}  ${safeLine(from)}${time === null ? '' : `  ${time}`}`)}\n      ${safeLine(why)}\n`).join('');
