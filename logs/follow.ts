// Follows logs that are being written: what was added since is read every few moments, in small pieces, so that the process has time for its own work.
import { createHash } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import type { Log } from '../contract/log.ts';
import type { LogSystem } from '../contract/logs.ts';
import { EntryBatches } from './batches.ts';
import { formatNamed, recognise } from './formats/recognise.ts';
import { LineCutter } from './lines.ts';
import { openLogsForWriting } from './open.ts';
import { redact, redactAddressesToo } from './redact.ts';
import { keepVectors } from './vectors/keep.ts';
import { LogWriter, type OpenSource } from './writer.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 2_000;
/** Milliseconds before the first look: whatever starts here is to be ready first. */
const LATER = 5_000;
/** Bytes read at once: some 300 lines, a few milliseconds of work. */
const PIECE = 64 * 1024;
/** Milliseconds that the process waits for another writer before it tries again at the next look. */
const PATIENCE = 20;
/** Entries that are shaped at once: another process may have written many more. */
const SHAPED = 1_000;
/** Looks after which an entry is taken for complete though a part of a line follows it. */
const PATIENT_LOOKS = 5;
/** Bytes of the first line that tell one file from another. */
const FIRST_LINE = 1_024;

/** A log to follow. */
export interface FollowedLog {
  path: string;
  name: string;
  system: LogSystem;
  run: string | null;
}

export interface FollowOptions {
  /** Path of the log index. */
  index: string;
  /** The logs as they are now; asked before each look. */
  list(): Promise<FollowedLog[]>;
  log: Log;
  /** Whether entries are stored without addresses. */
  hideAddresses?: boolean;
  /** Milliseconds; others in tests. */
  later?: number;
  every?: number;
}

/** One file that is held open, so that it is read to its end when it is renamed or removed. */
interface Followed {
  file: FileHandle;
  source: OpenSource;
  batches: EntryBatches;
  cutter: LineCutter;
  read: number;
  /** Looks that found nothing new. */
  idle: number;
}

/** Starts to follow; `close` ends it. What was read but not stored is read again by the next; whatever fails is tried again at the next look. */
export function followLogs(options: FollowOptions): { close(): Promise<void> } {
  const follower = new Follower(options);
  let looking = Promise.resolve();
  let timer: NodeJS.Timeout;
  const look = (): void => {
    looking = follower.look().finally(() => (timer = setTimeout(look, options.every ?? LOOK_EVERY).unref()));
  };
  timer = setTimeout(look, options.later ?? LATER).unref();
  return {
    async close() {
      follower.end();
      await looking;
      clearTimeout(timer);
      await follower.close();
    },
  };
}

class Follower {
  readonly #options: FollowOptions;
  /** By device and inode. */
  readonly #files = new Map<string, Followed>();
  #index: { db: Database.Database; writer: LogWriter; kept: number } | null = null;
  #ending = false;
  #failure = '';

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  end(): void {
    this.#ending = true;
  }

  async look(): Promise<void> {
    try {
      const there = new Set<string>();
      for (const log of await this.#options.list()) {
        const known = await this.#lookAt(log);
        if (known !== null) there.add(known);
      }
      for (const [key, followed] of this.#files) if (!there.has(key)) await this.#readOn(key, followed, true);
      this.#keepVectors();
      this.#failure = '';
    } catch (error) {
      this.#tell(error as Error);
      await this.#forget();
    }
  }

  /** Reads what was added to a log; its key, or null where there is nothing yet. */
  async #lookAt(log: FollowedLog): Promise<string | null> {
    const info = await stat(log.path).catch(() => null);
    if (info === null || info.size === 0) return null;
    const key = `${info.dev}:${info.ino}`;
    const known = this.#files.get(key) ?? (await this.#begin(log));
    if (known === null) return null;
    this.#files.set(key, known);
    if (info.size !== known.read || known.batches.unsettled) await this.#readOn(key, known, false);
    return key;
  }

  async #begin(log: FollowedLog): Promise<Followed | null> {
    const file = await open(log.path, 'r');
    try {
      const source = await this.#sourceOf(file, log);
      if (source === null) {
        await file.close();
        return null;
      }
      const { writer } = this.#opened();
      const batches = new EntryBatches(formatNamed(source.format), source, (entries, position) => void writer.write(source, entries, position, 'growing'));
      return { file, source, batches, cutter: new LineCutter((text, bytes) => batches.line(text, bytes)), read: source.offset, idle: 0 };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Known by its inode and its first line, wherever it was moved to; null before its first line is whole. */
  async #sourceOf(file: FileHandle, log: FollowedLog): Promise<OpenSource | null> {
    const info = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, 0);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1);
    if (lines[0] === undefined) return null;
    const id = createHash('sha256').update(`growing\0${info.dev}\0${info.ino}\0${info.birthtimeMs}\0${lines[0].slice(0, FIRST_LINE)}`).digest('hex').slice(0, 16);
    const { writer } = this.#opened();
    const format = recognise(lines);
    return writer.find(id) ?? writer.source({ id, name: log.name, format: format.name, system: log.system, run: log.run, state: 'growing' });
  }

  /** To the end of the file; a look that finds nothing new closes the last entry. `gone`: the file has no name any more. */
  async #readOn(key: string, followed: Followed, gone: boolean): Promise<void> {
    const before = followed.read;
    const buffer = Buffer.alloc(PIECE);
    while (!this.#ending) {
      const { bytesRead } = await followed.file.read(buffer, 0, PIECE, followed.read);
      if (bytesRead === 0) break;
      followed.read += bytesRead;
      followed.idle = 0;
      followed.cutter.add(buffer.subarray(0, bytesRead));
      followed.batches.flush();
      this.#keepVectors(); // little by little: what a long log needs at once would hold up the process
      await nextTurn();
    }
    if (followed.read !== before || this.#ending) return;
    if (gone) await this.#leave(key, followed);
    else if (++followed.idle > (followed.cutter.holding ? PATIENT_LOOKS : 0)) followed.batches.settle();
  }

  /** Nothing will follow: what is there is all. */
  async #leave(key: string, followed: Followed): Promise<void> {
    const { writer } = this.#opened();
    followed.cutter.end();
    followed.batches.end((entries, position) => void writer.write(followed.source, entries, position, 'complete'));
    this.#files.delete(key);
    await followed.file.close();
  }

  #opened(): { db: Database.Database; writer: LogWriter; kept: number } {
    if (this.#index !== null) return this.#index;
    const db = openLogsForWriting(this.#options.index);
    db.pragma(`busy_timeout = ${PATIENCE}`);
    this.#index = { db, writer: new LogWriter(db, this.#options.hideAddresses === true ? redactAddressesToo : redact), kept: 0 };
    return this.#index;
  }

  #keepVectors(): void {
    if (this.#index === null || this.#index.writer.newEntries === this.#index.kept) return;
    keepVectors(this.#index.db, SHAPED);
    this.#index.kept = this.#index.writer.newEntries;
  }

  /** Once each, and never because another writer is at work. */
  #tell(error: Error & { code?: string }): void {
    if (error.code?.startsWith('SQLITE_BUSY') === true || error.message === this.#failure) return;
    this.#failure = error.message;
    this.#options.log.warn({ error }, 'PIVO\'s own logs could not be indexed; it is tried again');
  }

  /** What was read but not stored is read again. */
  async #forget(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map(({ file }) => file.close()));
  }

  async close(): Promise<void> {
    await this.#forget();
    this.#index?.db.close();
  }
}

/** PIVO's own logs: of its parts in `logs`, and the output of the Spark applications that run in `spark`. */
export async function ownLogs({ logs, spark }: { logs: string; spark: string }): Promise<FollowedLog[]> {
  const parts = (await names(logs)).filter((name) => /\.log(?:\.\d+)?$/.test(name)).sort();
  const applications = (await names(spark)).filter((name) => !name.endsWith('.work')).sort();
  return [
    ...parts.map((name): FollowedLog => ({ path: join(logs, name), name, system: name.startsWith('temporal') ? 'temporal' : 'pivo', run: null })),
    ...applications.flatMap((id) => ['stderr.log', 'stdout.log'].map((name): FollowedLog => ({ path: join(spark, id, name), name: `spark-submit ${id} ${name}`, system: 'spark', run: id.startsWith('verify-') ? `verify:${id.slice('verify-'.length)}` : `restore:${id}` }))),
  ];
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
