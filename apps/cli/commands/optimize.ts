// `optimize`: what slowed a Spark application down, and what to change.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Effect, TuningFinding, TuningReport } from '../../../contract/tuning.ts';
import { count, fields, many, safe, safeLine, size, table } from '../format.ts';
import { example, JSON_OPTION } from '../help.ts';
import type { Act } from '../program.ts';
import type { Session, Style } from '../session.ts';

type Optimized = TuningReport & { explanation: string; writtenBy: string };

export function addOptimizeCommand(program: Command, act: Act): void {
  program
    .command('optimize')
    .description('what slowed a Spark application down and which properties to change, from its event log or a history server')
    .argument('[path-or-url]', 'an event log (zstd or gzip too), a rolling one\'s folder, a folder of logs, or the address of a history server or a driver')
    .option('--application <id>', 'which application, where there are several')
    .option(...JSON_OPTION)
    .addHelpText('after', example('pivo optimize /var/spark-events/application_1700000000000_0042.zstd', 'pivo optimize http://history.example.com:18080 --application application_1700000000000_0042'))
    .action(act(async (session, place: string | undefined, { application }: { application?: string }) => {
      const at = place === undefined ? {} : /^https?:\/\//.test(place) ? { historyServer: place } : { path: resolve(place) };
      session.progress.begin('reading');
      const report = await session.call<Optimized>('optimize-resources', { ...at, ...(application === undefined ? {} : { application }) });
      await session.answer(report, () => reportText(report, session));
    }));
}

function reportText({ application, totals, findings, setAside, stages, submit, notes, explanation, writtenBy }: Optimized, { style }: Session): string {
  const ran = fields([
    ['Application', `${safeLine(application.name)} (${safeLine(application.id)}), Spark ${safeLine(application.spark)}, ${safeLine(application.master)}`],
    ['Time', `${time(totals.milliseconds)}, of which no stage ran for ${time(totals.driverOnlyMilliseconds)}`],
    ['Tasks', `${count(totals.tasks)} on ${many(totals.slots, 'slot')} of ${many(totals.executors, 'executor')}; ${count(totals.failedTasks)} failed`],
    ['Slots used', totals.slotMilliseconds === 0 ? null : `${Math.round((100 * totals.taskMilliseconds) / totals.slotMilliseconds)} % of ${time(totals.slotMilliseconds)}`],
    ['Highest heap', totals.peakHeap === null ? null : size(totals.peakHeap)],
  ], '  ');
  const found = findings.length === 0 ? `\n${style.green('✓')} nothing to change: no figure is beyond its threshold\n` : findings.map((each) => findingText(each, style)).join('');
  const words = writtenBy === 'pivo' ? '' : `\n${style.bold(`In the words of ${safeLine(writtenBy)}`)}\n${safe(explanation)}\n`;
  const aside = setAside.map(({ rule, reason }) => `\n${style.dim(`${rule} was set aside: ${safeLine(reason)}`)}\n`).join('');
  const template = submit === null ? '' : `\n${style.bold('What changes')}\n${safe(submit)}`;
  return `${ran}${found}${aside}${words}${stagesText(stages, style)}${template}${notes.map((note) => `\n${style.dim(safeLine(note))}\n`).join('')}`;
}

function findingText({ rule, severity, says, stage, alsoIn, change, effect }: TuningFinding, style: Style): string {
  const paint = severity === 'high' ? style.red : severity === 'medium' ? style.yellow : style.dim;
  const where = stage === null ? '' : ` ${style.dim(`${safeLine(stage.link)} ${safeLine(stage.name)}${alsoIn.length > 0 ? ` and ${many(alsoIn.length, 'other stage')}` : ''}`)}`;
  return `\n${paint(severity.padEnd(6))} ${style.bold(rule)}${where}\n  ${safeLine(says)}\n  ${safeLine(change)}\n${effect === null ? '' : `  ${effectText(effect)}\n`}`;
}

const effectText = ({ low, high, unit, assumption }: Effect): string => `Saves ${time(low)} to ${time(high)}${unit === 'ms' ? '' : ' of held slots'}. ${safeLine(assumption)}`;

const STAGES_SHOWN = 5;

function stagesText(stages: Optimized['stages'], { bold, dim }: Style): string {
  if (stages.length === 0) return '';
  const rows = table(stages.slice(0, STAGES_SHOWN), [
    { title: 'STAGE', value: ({ id, attempt }) => `${id}.${attempt}` },
    { title: 'TIME', value: ({ milliseconds }) => time(milliseconds), align: 'right' },
    { title: 'TASKS', value: ({ tasks }) => count(tasks), align: 'right' },
    { title: 'MEDIAN', value: ({ medianMilliseconds }) => time(medianMilliseconds), align: 'right' },
    { title: 'LONGEST', value: ({ maxMilliseconds }) => time(maxMilliseconds), align: 'right' },
    { title: 'READ', value: ({ inputBytes, shuffleReadBytes }) => size(inputBytes + shuffleReadBytes), align: 'right' },
    { title: 'SPILLED', value: ({ diskSpilled }) => size(diskSpilled), align: 'right' },
    { title: 'GC', value: ({ gcMilliseconds }) => time(gcMilliseconds), align: 'right' },
    { title: '', value: ({ name }) => safeLine(name).slice(0, 60) },
  ], dim);
  return `\n${bold('Longest stages')}\n${rows}`;
}

/** `850 ms`, `12.5 s`, `3.2 min`. */
function time(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
