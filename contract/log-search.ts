// The words of search in the log index: what is answered, and the parts of a histogram.
import type { LogHit, LogLevel } from './logs.ts';

/** An entry as it is told without its place among hits. */
export type LogLine = Omit<LogHit, 'before' | 'after' | 'score'>;

export interface LogSearch {
  hits: LogHit[];
  /** There are hits after these: ask again with a larger `skip`. */
  more: boolean;
  /** Words that no entry has, and what was looked for in their place. */
  understood: { word: string; as: string[] }[];
  /** Whose vectors were searched, null for none; `problem`: why none were. */
  embedder: { name: string | null; problem?: string };
}

/** What stands around an entry of its log. */
export interface LogContext {
  entry: LogLine;
  before: LogLine[];
  after: LogLine[];
}

export interface LogBucket {
  /** ISO 8601 UTC: where it begins. */
  from: string;
  entries: number;
  /** Entries by level; those without one are in `entries` only. */
  levels: Partial<Record<LogLevel, number>>;
}

/** Entries over time; null where none has a time. */
export interface LogHistogram {
  from: string | null;
  to: string | null;
  /** Milliseconds of one bucket. */
  width: number;
  buckets: LogBucket[];
}

export interface EmbedLogsSummary {
  embedder: string;
  /** All that it has made. */
  vectors: number;
}

/** Which embedder makes vectors, and whether the configured one does yet. */
export interface LogEmbedder {
  /** Null where nothing was embedded yet. */
  active: string | null;
  configured: string;
  vectors: number;
  /** `ready`: the configured one is searched; `embedding`: its vectors are being made, or entries wait for theirs; `empty`: nothing was read yet. */
  state: 'ready' | 'embedding' | 'empty';
}
