// Schedules as text: one, all, and what became of the last runs.
import type { ScheduleDetails } from '../../operations/schedule-list.ts';
import type { ScheduleView } from '../../operations/schedule-view.ts';
import { count, duration, fields, instant, many, safeLine, table } from './format.ts';
import type { Style } from './session.ts';

const WHAT = { ingest: 'backup', drill: 'drill', verify: 'verify', fleet: 'source' };
export const DONE = { ingest: 'backed up', drill: 'drilled', verify: 'verified', fleet: 'backed up' };

export const nameOf = ({ repository, source }: Pick<ScheduleView, 'repository' | 'source'>): string => (source !== null ? `source ${source}` : repository === '*' ? 'all' : (repository ?? ''));

/** The server says `every 21600 s`. */
function whenText({ when, timeZone }: ScheduleView): string {
  const times = when.map((each) => safeLine(each.replace(/^every (\d+) s$/, (_all, seconds: string) => `every ${duration(Number(seconds))}`))).join(', ');
  return timeZone === null ? times : `${times} (${safeLine(timeZone)})`;
}

const nextText = ({ paused, next }: ScheduleView): string => (paused ? 'paused' : instant(next));

function missedText({ missed: { beyondCatchUp, overlap }, catchUp }: ScheduleView): string {
  const parts = [beyondCatchUp > 0 ? `${count(beyondCatchUp)} by more than ${duration(catchUp)}` : '', overlap > 0 ? `${count(overlap)} while a run went on` : ''].filter((part) => part !== '');
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function viewText(done: string, view: ScheduleView, style: Style): string {
  return `${style.green('✓')} ${style.bold(nameOf(view))} ${done}\n${fields([['When', whenText(view)], ['Next', nextText(view)], ['Last', instant(view.last)]], '  ')}`;
}

export function listText(views: readonly ScheduleView[], style: Style): string {
  if (views.length === 0) return 'no schedules\n';
  return table(views, [
    { title: 'OF', value: nameOf },
    { title: 'WHAT', value: ({ what }) => WHAT[what] },
    { title: 'WHEN', value: whenText },
    { title: 'NEXT', value: nextText },
    { title: 'LAST', value: ({ last }) => instant(last) },
    { title: 'MISSED', value: ({ missed }) => count(missed.beyondCatchUp + missed.overlap), align: 'right' },
    { title: 'ORIGIN', value: ({ origin }) => safeLine(origin) },
  ], style.dim);
}

/** Seconds of lateness that are no news: a poll, a busy server. */
const ON_TIME = 60;

export function detailsText(details: ScheduleDetails, style: Style): string {
  const { origin, jitter, catchUp, overlap, note, paused, upcoming, starts, running, runs } = details;
  const head = fields([
    ['Starts', `${WHAT[details.what]}${origin === '' ? '' : ` of ${safeLine(origin)}`}`],
    ['When', `${whenText(details)}, up to ${duration(jitter)} later`],
    ['While one runs', overlap],
    ['Catches up', duration(catchUp)],
    ['Paused', paused ? safeLine(note ?? 'yes') : null],
    ['Next', upcoming.length === 0 ? nextText(details) : upcoming.slice(0, 5).map((time) => instant(time)).join(', ')],
    ['Started', many(starts, 'time')],
    ['Missed', missedText(details)],
    ['Running', running.length === 0 ? null : running.map(safeLine).join(', ')],
  ], '  ');
  return `${style.bold(nameOf(details))}\n${head}${runs.length === 0 ? '' : `\n${runsText(runs, style)}`}`;
}

function runsText(runs: ScheduleDetails['runs'], style: Style): string {
  const colour = (state: string): string => (state === 'completed' ? style.green(state) : state === 'failed' || state === 'timed_out' || state === 'terminated' ? style.red(state) : state);
  return table(runs, [
    { title: 'DUE (UTC)', value: ({ due }) => instant(due) },
    { title: 'LATE', value: ({ late }) => (late < ON_TIME ? '' : duration(late)) },
    { title: 'STATE', value: ({ state }) => colour(state.replace('_', ' ')) },
    { title: 'WORKFLOW', value: ({ workflowId }) => safeLine(workflowId) },
    { title: '', value: ({ outcome, failure }) => safeLine(failure?.message ?? outcome ?? '') },
  ], style.dim);
}
