// Reads an event log of this machine, or one that comes as bytes: a file, a rolling log's folder, or one of a folder of logs.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PivoError } from '../contract/failures.ts';
import { takeLine } from './events.ts';
import { linesOf } from './lines.ts';
import { Recording } from './recording.ts';
import { refuseCodec, unpacked } from './unpacked.ts';

export interface Reading {
  signal: AbortSignal;
  /** Events read so far. */
  onEvents?: (events: number) => void;
}

/** Lines that are no events, beyond which the input is no event log. */
const MOST_STRANGE = 100;
const CODECS = /\.(lz4|snappy|lzf)(\.inprogress|\.compact)?$/;
const ROLLING = /^eventlog_v2_/;
/** Source of the names: Spark's EventLogFileWriters.scala. */
const PART = /^events_(\d+)_(.+?)(?:\.(?!compact$)[a-z0-9]+)?(\.compact)?$/;

/** The recording of the log at a path. Fails with NotFound, Ambiguous where a folder holds several applications, and InvalidInput for what is no event log. */
export async function readEventLog(path: string, application: string | undefined, reading: Reading): Promise<Recording> {
  const found = await kindOf(path);
  if (found === 'file') return readParts([path], reading);
  const names = await readdir(path);
  if (ROLLING.test(basename(path)) || names.some((name) => PART.test(name))) return readParts(partsOf(path, names), reading);
  return readEventLog(join(path, chosen(path, names, application)), undefined, reading);
}

/** The recording of a log whose bytes come as a stream. */
export function readEventStream(bytes: AsyncIterable<Uint8Array>, reading: Reading): Promise<Recording> {
  return read([bytes], reading);
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (error) {
    throw new PivoError('NotFound', `there is no event log at ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, { hint: 'Spark writes them to spark.eventLog.dir where spark.eventLog.enabled is true.', cause: error });
  }
  throw new PivoError('InvalidInput', `${path} is neither a file nor a folder`);
}

/** The one log of a folder of logs. */
function chosen(path: string, names: readonly string[], application: string | undefined): string {
  const logs = names.filter((name) => !name.startsWith('.'));
  const wanted = application === undefined ? logs : logs.filter((name) => name.replace(ROLLING, '').split(/[.]/)[0] === application);
  const [only, ...others] = wanted;
  const facts = { applications: logs.slice(0, 50) };
  if (only === undefined) throw new PivoError('NotFound', `${path} has no event log${application === undefined ? '' : ` of ${application}`}`, { hint: `It holds: ${logs.slice(0, 10).join(', ') || 'nothing'}.`, facts });
  if (others.length > 0) throw new PivoError('Ambiguous', `${path} has ${wanted.length} event logs`, { hint: `Choose one with --application, or name its file: ${wanted.slice(0, 10).join(', ')}${wanted.length > 10 ? ', …' : ''}.`, facts });
  return only;
}

/** The files of a rolling log in order; a compacted one stands for all before it. */
function partsOf(folder: string, names: readonly string[]): string[] {
  const parts = names.flatMap((name) => {
    const [, index, , compact] = PART.exec(name) ?? [];
    return index === undefined ? [] : [{ name, index: Number(index), compact: compact !== undefined }];
  });
  const from = Math.max(0, ...parts.filter(({ compact }) => compact).map(({ index }) => index));
  const wanted = parts.filter(({ index, compact }) => index > from || (index === from && (compact || from === 0)));
  if (wanted.length === 0) throw new PivoError('NotFound', `${folder} has no events_* file`, { hint: 'The application may have written nothing yet.' });
  return wanted.toSorted((one, other) => one.index - other.index).map(({ name }) => join(folder, name));
}

async function readParts(paths: readonly string[], reading: Reading): Promise<Recording> {
  for (const path of paths) {
    const codec = CODECS.exec(path)?.[1];
    if (codec !== undefined) refuseCodec(codec);
  }
  return read(paths.map((path) => createReadStream(path, { highWaterMark: 256 * 1024, signal: reading.signal })), reading);
}

async function read(parts: readonly AsyncIterable<Uint8Array>[], { signal, onEvents }: Reading): Promise<Recording> {
  const recording = new Recording();
  const seen = { events: 0, strange: 0, tooLong: 0, lastStrange: false };
  for (const part of parts) {
    const cut = (): void => void recording.notes.add('The compressed log ends early: the application runs still, or was killed. What was read up to there is reported.');
    for await (const lines of linesOf(unpacked(part, cut))) {
      signal.throwIfAborted();
      for (const line of lines) takeOne(line, seen, recording);
      onEvents?.(seen.events);
    }
  }
  return checked(recording, seen);
}

interface Seen {
  events: number;
  strange: number;
  tooLong: number;
  lastStrange: boolean;
}

function takeOne(line: string | null, seen: Seen, recording: Recording): void {
  if (line === null) seen.tooLong++;
  else if (line.trim() !== '') {
    seen.lastStrange = !takeLine(line, recording);
    if (seen.lastStrange) seen.strange++;
    else seen.events++;
  }
  if (seen.strange > MOST_STRANGE && seen.strange > seen.events) throw notALog();
}

const notALog = (): PivoError => new PivoError('InvalidInput', 'this is no Spark event log: its lines are no events', { hint: 'An event log has one JSON object a line, each with "Event" first; Spark writes it to spark.eventLog.dir.' });

function checked(recording: Recording, { events, strange, tooLong, lastStrange }: Seen): Recording {
  if (events === 0 || recording.begin === 0) throw notALog();
  const damaged = strange - (lastStrange ? 1 : 0);
  if (lastStrange) recording.notes.add('The last line is cut: the application runs still, or was killed.');
  if (damaged > 0) recording.notes.add(`${damaged} lines are no events and were passed over.`);
  if (tooLong > 0) recording.notes.add(`${tooLong} events are longer than 32 MiB and were passed over.`);
  if (recording.ended === null) recording.notes.add('The log has no end of the application: it runs still, or was killed. Tasks that run are not counted.');
  return recording;
}
