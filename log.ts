// The log of every process: JSON lines, or one readable coloured line a record on a terminal; secrets removed from both.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { useColour } from './colour.ts';
import { withoutAddresses } from './contract/addresses.ts';
import type { Log, LogFacts } from './contract/log.ts';

/** What the log needs of the configuration. */
export interface LogSettings {
  log: { level: 'debug' | 'info' | 'warn' | 'error' | 'silent' };
  paths: { credentials: string };
  /** Where the vault is on, no line has an address. */
  vault?: { enabled: boolean };
}

/** Where lines go and how they look; an entry passes its own terminal. */
export interface LogTarget {
  write(line: string): unknown;
  isTTY?: boolean | undefined;
}

/** Fields that hold a secret by their name, at the top of a record and one level down. */
const SECRET_FIELDS = ['password', 'passphrase', 'token', 'secret', 'privateKey', 'authorization', 'cookie', 'apiKey'];
const HIDDEN = '[hidden]';
const SHORTEST_SECRET = 4;

const LEVEL_NAMES: Record<number, string> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

/**
 * A log whose every line names its component, e.g. `PIVO-ORCHESTRATOR`, `METADATA-SVC`, `RESTORE`, `GIT`, `STORE`, `TEMPORAL`, `AGENT`, `AUDIT`.
 * Lines go to stderr unless a target is given; on a terminal they are readable and, unless NO_COLOR is set, coloured.
 */
export function createLog(settings: LogSettings, component: string, target: LogTarget = process.stderr): Log {
  const withoutSecrets = secretFilter(settings.paths.credentials);
  const hide = settings.vault?.enabled === true ? (line: string): string => withoutAddresses(withoutSecrets(line)) : withoutSecrets;
  const colour = useColour(target);
  const destination = {
    write: (line: string): void => {
      const clean = hide(line);
      target.write(target.isTTY === true ? readableLine(clean, colour) : clean);
    },
  };
  const root = pino(
    {
      level: settings.log.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: HIDDEN },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  );
  return logWith(root, { component });
}

/** A child whose facts replace those of the same name: pino alone would write both into the line. */
function logWith(root: Logger, facts: LogFacts): Log {
  const { debug, info, warn, error } = bound(root.child(facts));
  return { debug, info, warn, error, child: (more) => logWith(root, { ...facts, ...more }) };
}

function bound(log: Logger): Omit<Log, 'child'> {
  return { debug: log.debug.bind(log), info: log.info.bind(log), warn: log.warn.bind(log), error: log.error.bind(log) };
}

/** A folder that changed less than this many milliseconds ago may still be being written. */
const SETTLED = 2_000;

/** Removes from a line the values of the credentials in `folder`, and the user part of every URL that has a password. */
export function secretFilter(folder: string): (line: string) => string {
  let read = -1;
  let secrets: string[] = [];
  return (line) => {
    const changed = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changed !== read || Date.now() - changed < SETTLED) [secrets, read] = [changed === 0 ? [] : secretsIn(folder), changed];
    let clean = line.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]*:[^\s/@"'\\]*@/gi, `$1${HIDDEN}@`);
    for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  };
}

/** The stored secrets (`{name}/token`, `{name}/key`) as they could stand in a JSON line: as they are, escaped, percent-encoded and as Basic authentication. */
function secretsIn(folder: string): string[] {
  const found = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const [token, key, username] = ['token', 'key', 'username'].map((name) => textOf(join(folder, entry.name, name)));
    const keyLines = (key ?? '').split('\n').filter((line) => !line.startsWith('-----'));
    return [token, key, ...keyLines].filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET).flatMap((secret) => formsOf(secret as string, username ?? ''));
  });
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

function formsOf(secret: string, username: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(`${username}:${secret}`).toString('base64')];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const RESET = '\u001B[0m';
const DIM = '\u001B[2m';
/** 256-colour codes that read on dark and on light. */
const TAG_COLOURS = [33, 71, 130, 97, 37, 161, 136, 35, 166];
/** The parts of the embedded stack, so that each has a colour of its own; others share. */
const PARTS = ['PIVO-ORCHESTRATOR', 'METADATA-SVC', 'RESTORE', 'GIT', 'STORE', 'TEMPORAL', 'STACK', 'PIVO-SERVER', 'EVENTS', 'AGENT', 'AUDIT'];
const LEVEL_COLOURS: Record<string, string> = { WARN: '\u001B[33m', ERROR: '\u001B[31m', FATAL: '\u001B[31m', DEBUG: DIM, TRACE: DIM };

function tagColour(component: string): string {
  const place = PARTS.includes(component) ? PARTS.indexOf(component) : component.length;
  return `\u001B[38;5;${TAG_COLOURS[place % TAG_COLOURS.length]}m`;
}

/** A JSON line of `createLog` as a person reads it: time, component, level where it is not INFO, message, facts. Other text stays as it is. */
export function readableLine(json: string, colour: boolean): string {
  const line = json.trimEnd();
  if (!line.startsWith('{')) return `${line}\n`;
  let record: LogFacts;
  try {
    record = JSON.parse(line) as LogFacts;
  } catch {
    return `${line}\n`;
  }
  const paint = (code: string, text: string): string => (colour && code !== '' ? `${code}${text}${RESET}` : text);
  const { level, time, component, msg, error, pid: _pid, hostname: _hostname, ...facts } = record;
  const name = LEVEL_NAMES[Number(level)] ?? 'INFO';
  const parts = [paint(DIM, timeOfDay(time)), paint(tagColour(String(component)), `[${String(component)}]`)];
  if (name !== 'INFO') parts.push(paint(LEVEL_COLOURS[name] ?? '', name));
  if (typeof msg === 'string') parts.push(msg);
  const told = Object.entries(facts).map(([key, value]) => `${key}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`);
  if (told.length > 0) parts.push(paint(DIM, told.join(' ')));
  const trace = typeof error === 'object' && error !== null ? `\n${indent((error as { stack?: string; message?: string }).stack ?? String((error as { message?: string }).message))}` : '';
  return `${parts.join(' ')}${trace}\n`;
}

function timeOfDay(time: unknown): string {
  const date = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}

const indent = (text: string): string => text.split('\n').map((line) => `    ${line}`).join('\n');
