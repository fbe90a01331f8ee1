// A JSON object a line: PIVO's own log (pino), Temporal's, Airflow 3's, log4j2's JSON layout, Spark 4's structured log.
import type { LogFormat, LogSystem } from '../../contract/logs.ts';
import { redact } from '../redact.ts';
import { assembling, cut } from './assemble.ts';
import { shareOf, type Format, type Header } from './format.ts';
import { instantOf, levelNamed } from './stamp.ts';

type Json = Record<string, unknown>;

const TIME = ['time', 'timestamp', '@timestamp', 'ts', 'datetime', 'asctime', 'date', 'timeMillis', 'instant'];
const LEVEL = ['level', 'severity', 'lvl', 'levelname', 'log.level'];
const TEXT = ['msg', 'message', 'event', 'text', 'log'];
const COMPONENT = ['component', 'logger', 'loggerName', 'logger_name', 'name', 'class'];
const RUN = ['workflowId', 'wf-id', 'WorkflowID', 'workflow_id', 'run_id', 'applicationId', 'appId'];
const EXCEPTION = ['error', 'err', 'exception', 'thrown', 'exc_info', 'stack_trace', 'stacktrace', 'error_detail', 'stack'];
/** Characters of the other fields, which stand below the message as `name=value`. */
const FACTS = 4_096;

/** The object of a line; null where the line is none. */
export function objectOf(line: string): Json | null {
  if (line.charCodeAt(0) !== 123) return null;
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
}

function headerOf(line: string): Header | null {
  const record = objectOf(line);
  if (record === null) return line.startsWith('{"') ? { time: null, level: null, component: null, run: null, text: cut(line), exception: null } : null;
  const taken = new Set<string>();
  const take = (names: readonly string[], fits: (value: unknown) => boolean): unknown => {
    const name = names.find((each) => fits(record[each]));
    if (name !== undefined) taken.add(name);
    return name === undefined ? undefined : record[name];
  };
  const given = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
  const time = timeOf(take(TIME, given));
  const level = levelNamed(take(LEVEL, (value) => levelNamed(value) !== null));
  const text = textIn(take(TEXT, isText));
  const component = textIn(take(COMPONENT, isText));
  const exception = exceptionOf(take(EXCEPTION, (value) => given(value) && exceptionOf(value) !== null));
  const run = textIn(RUN.map((name) => record[name]).find(isText));
  const facts = factsOf(record, taken);
  return { time, level, component, run, text: cut([text ?? '', facts].filter((part) => part !== '').join('\n')), exception };
}

const isText = (value: unknown): value is string => typeof value === 'string';

const textIn = (value: unknown): string | null => (isText(value) ? value : null);

/** log4j2: `{epochSecond, nanoOfSecond}`. */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return instantOf(value);
  const { epochSecond, nanoOfSecond } = value as { epochSecond?: unknown; nanoOfSecond?: unknown };
  return typeof epochSecond === 'number' ? epochSecond * 1000 + Math.floor(Number(nanoOfSecond ?? 0) / 1e6) : null;
}

function factsOf(record: Json, taken: ReadonlySet<string>): string {
  const facts: string[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (taken.has(name) || value === null || value === '' || name === 'pid' || name === 'hostname') continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    facts.push(`${name}=${shown(value)}`);
  }
  return cut(facts.join(' '), FACTS);
}

/** A value on one line; redacted here where it is quoted, since each quoting hides it more. */
export function shown(value: unknown): string {
  if (isText(value)) return value;
  return JSON.stringify(value, (_, part: unknown) => (isText(part) ? redact(part) : part)) ?? '';
}

/** A stack as text: a string of several lines, or an object with class, message and frames of pino, log4j2, Spark 4 or structlog; null for anything else. */
export function exceptionOf(value: unknown): string | null {
  if (typeof value === 'string') return /\n\s+at |\n\s+File "|Traceback|^[\w.$]*(?:Exception|Error)\b/.test(value) ? cut(value) : null;
  if (Array.isArray(value)) return value.map(exceptionOf).filter((part) => part !== null).join('\nCaused by: ') || null;
  if (typeof value !== 'object' || value === null) return null;
  const { stack, stack_trace: stackTrace, type, class: className, name, exc_type: excType, exc_value: excValue, message, msg, localizedMessage, stacktrace, extendedStackTrace, frames, cause } = value as Json;
  if (typeof stack === 'string') return cut(stack);
  if (typeof stackTrace === 'string') return cut(stackTrace);
  const kind = [type, className, excType, name].find((each) => typeof each === 'string');
  if (kind === undefined) return null;
  const head = [kind, [message, msg, localizedMessage, excValue].find((each) => typeof each === 'string')].filter((part) => part !== undefined).join(': ');
  const list = [extendedStackTrace, stacktrace, frames].find(Array.isArray) as unknown[] | undefined;
  const text = [extendedStackTrace, stacktrace].find((each) => typeof each === 'string');
  const below = exceptionOf(cause);
  return cut([head, ...(list ?? []).map(frameOf), ...(text === undefined ? [] : [text]), ...(below === null ? [] : [`Caused by: ${below}`])].join('\n'));
}

function frameOf(frame: unknown): string {
  const { class: className, method, file, filename, line, lineno, name } = frame as Json;
  if (filename !== undefined) return `  File "${shown(filename)}", line ${shown(lineno)}, in ${shown(name)}`;
  return `\tat ${shown(className)}.${shown(method)}(${shown(file)}:${shown(line)})`;
}

const isJson = (line: string): boolean => objectOf(line) !== null;
const isPivo = (line: string): boolean => line.includes('"component":"') && /"level":\d0,"time":"\d{4}-/.test(line);

const reading = (name: LogFormat): Pick<Format, 'name' | 'reader'> => ({ name, reader: (emit, from) => assembling({ begin: headerOf }, emit, from) });

export const pivo: Format = { ...reading('pivo'), share: (lines) => shareOf(lines, (line) => isPivo(line)) * 1.01, system: () => 'pivo' };

const SYSTEMS: readonly (readonly [RegExp, LogSystem])[] = [
  [/"(?:wf-id|wf-namespace|shard-id|logging-call-at|TaskQueue|WorkflowID)":/, 'temporal'],
  [/org\.apache\.spark|"logger":"(?:SparkContext|BlockManager|DAGScheduler|TaskSetManager|SparkEnv)/, 'spark'],
  [/"(?:dag_id|task_id|ti)":|"logger":"(?:airflow|task)/, 'airflow'],
  [/org\.apache\.hadoop/, 'hadoop'],
  [/org\.apache\.kafka|"kafka\./, 'kafka'],
];

export const jsonLines: Format = {
  ...reading('json'),
  share: (lines) => shareOf(lines, isJson),
  system: (lines) => SYSTEMS.find(([pattern]) => lines.some((line) => pattern.test(line)))?.[1] ?? null,
};
