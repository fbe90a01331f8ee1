// Reads files and folders into the log index: each content once, in batches, going on where a broken-off reading stopped.
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type Database from 'better-sqlite3';
import { PivoError, isPivoError } from '../contract/failures.ts';
import type { Progress } from '../contract/ingest.ts';
import type { IngestLogsRequest, IngestLogsSummary, IngestedLog } from '../contract/logs.ts';
import { identify } from './content.ts';
import { readSource } from './read-source.ts';
import { redact, redactAddressesToo } from './redact.ts';
import { keepVectors } from './vectors/keep.ts';
import { LogWriter } from './writer.ts';

/** Files that a result names. */
const NAMED = 1_000;

export interface IngestOptions {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  /** Whether entries are stored without addresses. */
  hideAddresses?: boolean;
}

/** A file to read. */
interface Found {
  path: string;
  /** What it is called: its path below the folder that was named. */
  name: string;
  bytes: number;
}

/**
 * Stores every file below the paths of `request`; the same content is stored once, under the name it had first. A file that
 * cannot be read is refused and the others go on. Fails with NotFound for a path that is not there, with InvalidInput when
 * there was only one file and it is refused, with Cancelled when the signal aborts.
 */
export async function ingestLogs(db: Database.Database, request: IngestLogsRequest, { signal, onProgress, hideAddresses }: IngestOptions): Promise<IngestLogsSummary> {
  const files = await filesOf(request);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const writer = new LogWriter(db, hideAddresses === true ? redactAddressesToo : redact);
  const summary: IngestLogsSummary = { logs: [], refused: [], files: files.length, added: 0, known: 0, lines: 0, entries: 0, bytes: 0, templates: 0 };
  let before = 0;
  for (const [i, file] of files.entries()) {
    const phase = files.length === 1 ? 'reading' : `reading file ${i + 1} of ${files.length}`;
    const tell = (share: number): void => onProgress({ phase, bytes: before + Math.round(file.bytes * share), done: MIB(before + file.bytes * share), total: MIB(total) });
    tell(0);
    try {
      take(summary, await ingestFile(writer, file, request, { signal, onShare: tell }));
    } catch (error) {
      refuse(summary, file, error, signal);
    }
    before += file.bytes;
  }
  onProgress({ phase: 'templates' });
  keepVectors(db);
  return { ...summary, templates: writer.newTemplates };
}

/** What progress counts: whole MiB, since a folder may hold terabytes. */
const MIB = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Regular files below the paths, sorted; links and empty files are left out. */
async function filesOf({ paths, name }: IngestLogsRequest): Promise<Found[]> {
  const found: Found[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new PivoError(error.code === 'ENOENT' ? 'NotFound' : 'InvalidInput', `${path}: ${error.code === 'ENOENT' ? 'there is no such file or folder' : error.message}`, { facts: { path }, cause: error });
    });
    if (info.isDirectory()) found.push(...(await filesBelow(path)));
    else found.push({ path, name: name ?? basename(path), bytes: info.size });
  }
  return found;
}

async function filesBelow(folder: string): Promise<Found[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  const files: Found[] = [];
  for (const path of paths) {
    const { size } = await lstat(path);
    if (size > 0 && !/\.(?:crc|inprogress\.crc|lock|pid)$/.test(path)) files.push({ path, name: join(basename(folder), relative(folder, path)), bytes: size });
  }
  return files;
}

interface FileRun {
  signal: AbortSignal;
  /** Share of the file that is done. */
  onShare(share: number): void;
}

/** Share of a file's time that is given to finding out whether it is known. */
const IDENTIFYING = 0.1;

async function ingestFile(writer: LogWriter, file: Found, { system, run }: IngestLogsRequest, { signal, onShare }: FileRun): Promise<IngestedLog> {
  const { id, bytes } = await identify(file.path, file.bytes, signal);
  onShare(IDENTIFYING);
  if (bytes === 0) throw new PivoError('InvalidInput', 'it is empty');
  const before = writer.find(id);
  if (before?.state === 'complete') return { name: before.name, source: id, outcome: 'known', format: before.format, system: before.system, bytes, lines: before.lines, entries: before.entries };
  const onBytes = (read: number): void => onShare(IDENTIFYING + (1 - IDENTIFYING) * (read / bytes));
  const source = await readSource(writer, { path: file.path, packed: file.bytes, id, name: file.name, system, run }, { signal, onBytes });
  const { format, lines, entries } = source;
  return { name: source.name, source: id, outcome: before === undefined ? 'added' : 'continued', format, system: source.system, bytes, lines: lines - (before?.lines ?? 0), entries: entries - (before?.entries ?? 0) };
}

function take(summary: IngestLogsSummary, log: IngestedLog): void {
  if (summary.logs.length < NAMED) summary.logs.push(log);
  if (log.outcome === 'known') {
    summary.known += 1;
    return;
  }
  summary.added += 1;
  summary.lines += log.lines;
  summary.entries += log.entries;
  summary.bytes += log.bytes;
}

/** What is wrong with one file of several is told and the others go on. */
function refuse(summary: IngestLogsSummary, file: Found, error: unknown, signal: AbortSignal): void {
  if (signal.aborted) throw new PivoError('Cancelled', 'the upload was cancelled; what was read stays, and the same upload goes on there', { cause: error });
  const isFault = isPivoError(error, 'InvalidInput', 'LimitExceeded') || (error as NodeJS.ErrnoException).code === 'EACCES';
  if (!isFault) throw error;
  const reason = (error as Error).message;
  if (summary.files === 1) throw new PivoError(isPivoError(error, 'LimitExceeded') ? 'LimitExceeded' : 'InvalidInput', `${redact(file.name)} was not read: ${reason}`, { ...(isPivoError(error) && error.hint !== undefined && { hint: error.hint }), cause: error });
  if (summary.refused.length < NAMED) summary.refused.push({ name: redact(file.name), reason });
}
