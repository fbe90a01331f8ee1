// The words of the log index: entries, sources, links, and what is asked of them.
import { z } from 'zod';
import { PivoError } from './failures.ts';

/** Whose log it is; `other` where nothing tells. */
export const LogSystem = z.enum(['spark', 'hadoop', 'kafka', 'airflow', 'temporal', 'pivo', 'other']);
export type LogSystem = z.infer<typeof LogSystem>;

/** How an entry is written. */
export const LogFormat = z.enum(['plain', 'json', 'log4j', 'airflow', 'spark-events', 'temporal-history', 'pivo']);
export type LogFormat = z.infer<typeof LogFormat>;

export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export type LogLevel = z.infer<typeof LogLevel>;

/** Levels as they are stored: pino's numbers, so that "at least" is a comparison. */
export const LEVEL_NUMBERS: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

const LEVELS_BY_NUMBER = new Map(Object.entries(LEVEL_NUMBERS).map(([name, number]) => [number, name as LogLevel]));

/** The level of a stored number; null where an entry has none. */
export const levelOf = (number: number | null): LogLevel | null => (number === null ? null : (LEVELS_BY_NUMBER.get(number) ?? null));

/** The name of a source: the first 16 hex digits of the SHA-256 of its content, or of a growing file's identity. */
export const LogSourceId = z.string().regex(/^[0-9a-f]{16}$/, 'a log source is named by 16 hex digits');

/** What one reads in a log: a line, or a line with the stack that belongs to it. Secrets are removed. */
export interface LogEntry {
  /** Number of its first line, from 1. */
  line: number;
  /** Lines that it has in the file. */
  lines: number;
  /** Milliseconds since 1970 UTC: its own, else that of the entry before it; null where none was said. */
  time: number | null;
  level: LogLevel | null;
  /** Logger, class, task or part that wrote it. */
  component: string | null;
  /** Whose run it belongs to, where the entry says so: a workflow id, an application id. */
  run: string | null;
  /** The message, without time, level and component. */
  text: string;
  /** Exception with its stack and causes, as written; null without. */
  exception: string | null;
}

/** `reading`: an upload is under way or was broken off; `growing`: followed while it is written. */
export type LogSourceState = 'reading' | 'complete' | 'growing';

export interface LogSource {
  id: string;
  /** File name, or what the uploader called it. */
  name: string;
  format: LogFormat;
  system: LogSystem;
  run: string | null;
  /** Of the content, uncompressed. */
  bytes: number;
  lines: number;
  entries: number;
  /** ISO 8601 UTC of the first and the last entry that has a time. */
  firstTime: string | null;
  lastTime: string | null;
  addedAt: string;
  state: LogSourceState;
}

/** Where an entry stands: `log:{source}:{line}`; the same for ever. */
export interface LogLink {
  source: string;
  line: number;
}

const LINK = /^log:([0-9a-f]{16}):([1-9][0-9]{0,9})$/;

export const LogLinkText = z.string().regex(LINK, 'a log link is log:{source}:{line}, as search shows it');

export const formatLogLink = ({ source, line }: LogLink): string => `log:${source}:${line}`;

/** Fails with InvalidInput for anything that is no link. */
export function parseLogLink(text: string): LogLink {
  const [, source, line] = LINK.exec(text) ?? [];
  if (source === undefined || line === undefined) throw new PivoError('InvalidInput', `"${text.slice(0, 100)}" is no log link`, { hint: 'A link is log:{source}:{line}, as `pivo search` shows it.' });
  return { source, line: Number(line) };
}

/** One found entry. */
export interface LogHit {
  link: string;
  source: string;
  sourceName: string;
  line: number;
  lines: number;
  /** ISO 8601 UTC. */
  time: string | null;
  level: LogLevel | null;
  component: string | null;
  system: LogSystem;
  run: string | null;
  text: string;
  exception?: string;
  /** Number of its template; what varies is `<*>` in the template's text. */
  template: number;
  /** Texts of the entries around it, in order. */
  before: string[];
  after: string[];
  /** Higher is better; comparable within one answer only. */
  score: number;
}

const Instant = z.string().datetime({ offset: true });

/** What narrows a search. */
export const LogFilter = z.strictObject({
  /** ISO 8601, from (inclusive) and to (exclusive). */
  from: Instant.optional(),
  to: Instant.optional(),
  /** This level and those above. */
  level: LogLevel.optional(),
  system: LogSystem.optional(),
  source: LogSourceId.optional(),
  run: z.string().min(1).max(300).optional(),
  component: z.string().min(1).max(300).optional(),
  template: z.number().int().positive().optional(),
});
export type LogFilter = z.output<typeof LogFilter>;

const ContextLines = z.number().int().min(0).max(50);

export const SearchLogsInput = LogFilter.safeExtend({
  /** Words, parts of words, or a "quoted phrase"; empty: whatever the filters leave, newest first. */
  query: z.string().max(2_000).default(''),
  limit: z.number().int().min(1).max(200).default(20),
  /** Entries shown before and after each. */
  context: ContextLines.default(2),
  order: z.enum(['best', 'newest']).default('best'),
});
export type SearchLogsRequest = z.output<typeof SearchLogsInput>;

export const LogSourcesInput = z.strictObject({ system: LogSystem.optional(), run: z.string().min(1).max(300).optional(), limit: z.number().int().min(1).max(1_000).default(100) });

export const LogContextInput = z.strictObject({ link: LogLinkText, before: ContextLines.default(10), after: ContextLines.default(10) });

export const LogHistogramInput = LogFilter.safeExtend({ query: z.string().max(2_000).default(''), buckets: z.number().int().min(1).max(500).default(60) });

/** A name shown to people; never a path. */
const SourceName = z.string().min(1).max(300);

export const UploadLogsInput = z.strictObject({
  /** Log lines as they are, for a short excerpt. */
  text: z.string().min(1).max(512 * 1024).optional(),
  /** Files and folders of this machine, absolute; only the owner's command line may name some. Without paths and text: the request's body. */
  paths: z.array(z.string().min(1).max(4_096).refine((path) => path.startsWith('/'), 'a path is absolute')).min(1).max(1_000).optional(),
  /** What to call it; for one file or a body. */
  name: SourceName.optional(),
  /** Whose log it is, where its lines do not tell. */
  system: LogSystem.optional(),
  /** The run it belongs to, such as an application id. */
  run: z.string().min(1).max(300).optional(),
  /** False: answers as soon as the work is started. */
  wait: z.boolean().default(true),
});
export type UploadLogsRequest = z.output<typeof UploadLogsInput>;

/** What the workflow `ingestLogs` is given. */
export const IngestLogsInput = z.strictObject({
  paths: UploadLogsInput.shape.paths.unwrap(),
  name: SourceName.optional(),
  system: LogSystem.optional(),
  run: z.string().min(1).max(300).optional(),
  /** The paths are files of this home's spool, which are removed at the end; whatever lies elsewhere stays. */
  spooled: z.boolean().default(false),
  /** The worker whose home holds the paths and the log index; none: any worker. */
  worker: z.string().min(1).max(100).optional(),
});
export type IngestLogsRequest = z.output<typeof IngestLogsInput>;

/** What became of one file. */
export interface IngestedLog {
  /** Path below what was named, or the given name. */
  name: string;
  source: string;
  /** `known`: the same content was there before, under whatever name; nothing was added. */
  outcome: 'added' | 'known' | 'continued';
  format: LogFormat;
  system: LogSystem;
  bytes: number;
  lines: number;
  entries: number;
}

/** A file that was not read, and why. */
export interface RefusedLog {
  name: string;
  reason: string;
}

export interface IngestLogsSummary {
  /** The first files; `files` counts all. */
  logs: IngestedLog[];
  refused: RefusedLog[];
  files: number;
  added: number;
  known: number;
  /** Lines and entries that were new. */
  lines: number;
  entries: number;
  bytes: number;
  /** Templates that were seen for the first time. */
  templates: number;
}
