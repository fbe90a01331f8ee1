// Spark's event log: a JSON object with "Event" a line. What is kept is what happened, to which job, stage, task or executor; figures are for the resource optimizer.
import { assembling, cut } from './assemble.ts';
import { shareOf, type Format, type Header } from './format.ts';
import { objectOf, shown } from './json-lines.ts';
import { instantOf } from './stamp.ts';

type Json = Record<string, unknown>;

const NAME = /^\{"Event":"([\w.$]+)"/;
/** Names of fields that identify what an event is about, at its top or in one of its parts. */
const ABOUT = ['App Name', 'App ID', 'Job ID', 'Stage ID', 'Stage Attempt ID', 'Stage Name', 'Number of Tasks', 'Task ID', 'Index', 'Attempt', 'Executor ID', 'Host', 'Speculative', 'Killed', 'executionId', 'description', 'Removed Reason', 'Block Manager ID', 'Spark Version'];
const PARTS = ['Stage Info', 'Task Info', 'Executor Info'];
const TIMES = ['Timestamp', 'timestamp', 'Submission Time', 'Completion Time', 'time'];
const PART_TIMES = ['Finish Time', 'Completion Time', 'Launch Time', 'Submission Time'];

const part = (record: Json, name: string): Json => (typeof record[name] === 'object' && record[name] !== null ? (record[name] as Json) : {});

/** The first of the fields that is a time; 0 stands for one that is not yet. */
const timeIn = (record: Json, names: readonly string[]): number | null => names.map((name) => instantOf(record[name])).find((time) => time !== null) ?? null;

function headerOf(line: string): Header | null {
  const record = objectOf(line);
  const name = record === null ? NAME.exec(line)?.[1] : record['Event'];
  if (typeof name !== 'string') return null;
  const title = name.replace(/^.*\./, '').replace(/^SparkListener/, '');
  if (record === null) return { time: null, level: 'info', component: title, run: null, text: title, exception: null };
  const failure = failureOf(record);
  const time = timeIn(record, TIMES) ?? PARTS.map((each) => timeIn(part(record, each), PART_TIMES)).find((each) => each !== null) ?? null;
  const run = typeof record['App ID'] === 'string' ? record['App ID'] : null;
  return { time, level: failure === null ? 'info' : 'error', component: title, run, text: cut([title, ...aboutOf(record), ...(failure === null ? [] : [failure.reason])].join(' ') + propertiesOf(record)), exception: failure?.stack ?? null };
}

function aboutOf(record: Json): string[] {
  const parts = [record, ...PARTS.map((name) => part(record, name))];
  return ABOUT.flatMap((name) => {
    const value = parts.map((each) => each[name]).find((each) => each !== undefined && each !== null && typeof each !== 'object');
    return value === undefined || value === '' || value === false ? [] : [`${name.toLowerCase().replaceAll(' ', '_')}=${shown(value)}`];
  });
}

/** Why a task, a stage, a job or a query failed. */
function failureOf(record: Json): { reason: string; stack: string | null } | null {
  const end = part(record, 'Task End Reason');
  if (typeof end['Reason'] === 'string' && end['Reason'] !== 'Success') {
    const told = ['Class Name', 'Description', 'Kill Reason', 'Loss Reason', 'Executor ID'].flatMap((name) => (end[name] === undefined ? [] : [shown(end[name])]));
    const stack = end['Full Stack Trace'];
    return { reason: [`reason=${end['Reason']}`, ...told].join(' '), stack: typeof stack === 'string' ? cut(stack) : null };
  }
  const stage = part(record, 'Stage Info')['Failure Reason'];
  if (typeof stage === 'string') return { reason: `failure=${stage.split('\n')[0] ?? ''}`, stack: cut(stage) };
  const job = part(record, 'Job Result');
  if (job['Result'] === 'JobFailed') {
    const { Message: message } = part(job, 'Exception');
    return { reason: `result=JobFailed ${shown(message ?? '').split('\n')[0] ?? ''}`, stack: typeof message === 'string' ? cut(message) : null };
  }
  const sql = record['errorMessage'];
  return typeof sql === 'string' && sql !== '' ? { reason: `error=${sql.split('\n')[0] ?? ''}`, stack: cut(sql) } : null;
}

/** What the application was configured with. */
function propertiesOf(record: Json): string {
  const properties = Object.entries(part(record, 'Spark Properties'));
  return properties.length === 0 ? '' : `\n${properties.map(([name, value]) => `${name}=${shown(value)}`).join('\n')}`;
}

export const sparkEvents: Format = {
  name: 'spark-events',
  share: (lines) => shareOf(lines, (line) => NAME.test(line)) * 1.02,
  reader: (emit, from) => assembling({ begin: headerOf }, emit, from),
  system: () => 'spark',
};
