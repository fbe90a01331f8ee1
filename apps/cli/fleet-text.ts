// Fleet runs as people read them: what became of the repositories, and which need somebody.
import type { FleetCounts, FleetItem, FleetReport } from '../../contract/fleet.ts';
import type { FleetEnded } from '../../operations/fleet-run.ts';
import type { FleetEntryOfList, FleetState } from '../../operations/fleet-status.ts';
import { count, duration, instant, many, safeLine, size, table } from './format.ts';
import type { Style } from './session.ts';

const repositories = (value: number): string => many(value, 'repository', 'repositories');

/** `12 backed up, 980 unchanged, 8 failed`. */
function countsText({ done, unchanged, held, failed, vanished, nothing }: FleetCounts, style: Style): string {
  const parts = [
    `${count(done)} backed up`,
    `${count(unchanged)} unchanged`,
    ...(held === 0 ? [] : [style.yellow(`${count(held)} held by the gate`)]),
    ...(failed === 0 ? [] : [style.red(`${count(failed)} failed`)]),
    ...(vanished === 0 ? [] : [`${count(vanished)} vanished`]),
    ...(nothing === 0 ? [] : [`${count(nothing)} ${nothing === 1 ? 'wiki' : 'wikis'} without a page`]),
  ];
  return parts.join(', ');
}

const secondsOf = ({ started, finished }: Pick<FleetReport, 'started' | 'finished'>): number => Math.max(1, Math.round((Date.parse(finished) - Date.parse(started)) / 1000));

/** The end of a run, with a table of what needs somebody. */
export function reportText(report: FleetEnded, style: Style): string {
  const { fleetId, whole, source, total, notDone, counts, newBytes, withHoles, forgeDataFailed, discovery, discoveryFailure, failed, held } = report;
  const notes = [
    ...(discovery === null ? [] : [`${repositories(discovery.present)} found: ${count(discovery.new)} new, ${count(discovery.renamed)} renamed, ${count(discovery.vanished)} vanished, ${count(discovery.excluded)} left out`]),
    ...(discoveryFailure === null ? [] : [`${style.red('the forge could not be asked')}: ${safeLine(discoveryFailure.message)}; what was found before was backed up`]),
    ...(total > 0 ? [] : [style.red('there was nothing to back up: see what the source takes, and what its credential may see (pivo source discover NAME --dry-run)')]),
    ...(notDone === 0 ? [] : [style.red(`${repositories(notDone)} without a turn`)]),
    ...(withHoles === 0 ? [] : [style.yellow(`${repositories(withHoles)} backed up but for what the origin lacks`)]),
    ...(forgeDataFailed === 0 ? [] : [style.yellow(`${repositories(forgeDataFailed)} without an export of the forge's data`)]),
  ];
  const more = counts.failed + counts.held - failed.length - held.length;
  return [
    `${whole ? style.green('✓') : style.red('✗')} ${style.bold(source)}: ${countsText(counts, style)} of ${repositories(total)}, ${size(newBytes)} new, in ${duration(secondsOf(report))}\n`,
    ...notes.map((note) => `  ${note}\n`),
    troubleText([...failed, ...held], style),
    more > 0 ? style.dim(`and ${count(more)} more: pivo fleet status ${fleetId} --outcome failed\n`) : '',
  ].join('');
}

const reasonOf = ({ failure, forgeData, holes, outcome }: FleetItem): string => {
  if (failure !== null) return `${failure.kind}: ${failure.message}`;
  if (forgeData !== null) return `the forge's data: ${forgeData.message}`;
  if (outcome === 'held') return 'refs were destroyed upstream: see pivo gate';
  return holes > 0 ? `${many(holes, 'thing')} missing at the origin` : '';
};

const painted = ({ outcome }: Pick<FleetItem, 'outcome'>, style: Style): string => (outcome === 'failed' ? style.red(outcome) : outcome === 'held' ? style.yellow(outcome) : outcome);

const troubleText = (items: readonly FleetItem[], style: Style): string => table(items, [
  { title: 'REPOSITORY', value: ({ repository }) => repository },
  { title: 'OUTCOME', value: (item) => painted(item, style) },
  { title: 'REASON', value: (item) => safeLine(reasonOf(item)).slice(0, 300) },
], style.dim);

/** One run with the repositories that were asked for; `outcome`: of that one only. */
export function statusText({ run, counts, live, items, next }: FleetState, style: Style, outcome?: string): string {
  const { fleetId, source, status, started, finished, requestedBy, report, failure } = run;
  const total = report?.total ?? live?.total ?? null;
  const state = status === 'running' ? (live?.state ?? 'running, but it does not answer') : status;
  return [
    `${style.bold(fleetId)} (source ${source}): ${state}, by ${safeLine(requestedBy)}, ${instant(started)} to ${instant(finished)} UTC\n`,
    `  ${countsText(counts, style)}${total === null ? '' : ` of ${repositories(total)}`}${live === null ? '' : `, ${count(live.running.length)} running`}\n`,
    ...(failure === null ? [] : [`  ${style.red(`${failure.kind}: ${safeLine(failure.message)}`)}\n`]),
    ...(report?.discoveryFailure == null ? [] : [`  ${style.red('the forge could not be asked')}: ${safeLine(report.discoveryFailure.message)}\n`]),
    ...(report === null || report.notDone === 0 ? [] : [`  ${style.red(`${repositories(report.notDone)} without a turn`)}\n`]),
    table(items, [
      { title: 'REPOSITORY', value: ({ repository }) => repository },
      { title: 'OUTCOME', value: (item) => painted(item, style) },
      { title: 'VISIT', value: ({ visit }) => (visit === null ? '-' : String(visit)), align: 'right' },
      { title: 'NEW', value: ({ newBytes }) => size(newBytes), align: 'right' },
      { title: 'REASON', value: (item) => safeLine(reasonOf(item)).slice(0, 300) },
    ], style.dim),
    next === null ? '' : style.dim(`there are more: pivo fleet status ${fleetId}${outcome === undefined ? '' : ` --outcome ${outcome}`} --after ${next}\n`),
  ].join('');
}

export function listText(runs: readonly FleetEntryOfList[], style: Style): string {
  if (runs.length === 0) return 'no fleet run was kept yet: pivo fleet run SOURCE\n';
  return table(runs, [
    { title: 'RUN', value: ({ fleetId }) => fleetId },
    { title: 'SOURCE', value: ({ source }) => source },
    { title: 'STATUS', value: ({ status }) => (status === 'failed' ? style.red(status) : status) },
    { title: 'STARTED (UTC)', value: ({ started }) => instant(started) },
    { title: 'ENDED (UTC)', value: ({ finished }) => instant(finished) },
    { title: 'DONE', value: ({ counts }) => count(counts.done), align: 'right' },
    { title: 'UNCHANGED', value: ({ counts }) => count(counts.unchanged), align: 'right' },
    { title: 'HELD', value: ({ counts }) => (counts.held === 0 ? '0' : style.yellow(count(counts.held))), align: 'right' },
    { title: 'FAILED', value: ({ counts }) => (counts.failed === 0 ? '0' : style.red(count(counts.failed))), align: 'right' },
  ], style.dim);
}
