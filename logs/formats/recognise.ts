// Chooses how a source is written from its first lines, and tells whose log it is.
import type { LogFormat, LogSystem } from '../../contract/logs.ts';
import { airflow } from './airflow.ts';
import type { Format } from './format.ts';
import { jsonLines, pivo } from './json-lines.ts';
import { log4j } from './log4j.ts';
import { plain } from './plain.ts';
import { sparkEvents } from './spark-events.ts';
import { isFrame } from './stacks.ts';
import { temporalHistory } from './temporal-history.ts';

const FORMATS: readonly Format[] = [temporalHistory, sparkEvents, pivo, jsonLines, airflow, log4j, plain];

/** Lines that are looked at. */
export const FIRST_LINES = 60;
/** Least share of them, stacks left out, that a format must recognise: prints stand between the entries. */
const LEAST = 0.15;

/** The format that recognises most of the first lines; `plain` where none does. */
export function recognise(lines: readonly string[]): Format {
  const told = lines.filter((line) => !isFrame(line)); // a long stack at the start says nothing
  const shares = FORMATS.map((format) => ({ format, share: format.share(told) }));
  const best = shares.reduce((a, b) => (b.share > a.share ? b : a));
  return best.share >= LEAST ? best.format : plain;
}

export const formatNamed = (name: LogFormat): Format => FORMATS.find((format) => format.name === name) ?? plain;

/** File and folder names that tell whose log it is. */
const NAMES: readonly (readonly [RegExp, LogSystem])[] = [
  [/dag_id=|airflow/i, 'airflow'],
  [/spark|application_\d+_\d+|app-\d{14}|local-\d{13}/i, 'spark'],
  [/hadoop|namenode|datanode|hdfs|yarn|resourcemanager/i, 'hadoop'],
  [/kafka|broker|controller\.log/i, 'kafka'],
  [/temporal/i, 'temporal'],
];

/** Whose log it is, from its lines, else from its name. */
export function systemOf(format: Format, lines: readonly string[], name: string): LogSystem {
  return format.system(lines) ?? NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** The run that a file's name tells: an Airflow run, an application id. */
export function runOf(name: string): string | null {
  return /run_id=([^/]+)/.exec(name)?.[1] ?? /\b(application_\d+_\d+|app-\d{14}-\d{4}|local-\d{13})\b/.exec(name)?.[1] ?? null;
}
