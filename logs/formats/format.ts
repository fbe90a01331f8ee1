// What a format offers: how its first lines look, and what a line of it says.
import type { LogEntry, LogFormat, LogSystem } from '../../contract/logs.ts';

/** What a line that begins an entry says. */
export type Header = Omit<LogEntry, 'line' | 'lines'>;

/** Reads the entries of one source; told every line in order. */
export interface EntryReader {
  /** First line of the entry that is still open; what comes before it was given out. */
  readonly openLine: number;
  line(text: string, number: number): void;
  /** No line follows: gives out what is open. */
  end(): void;
}

export type Emit = (entry: LogEntry) => void;

export interface Format {
  name: LogFormat;
  /** How many of the first lines are this format's, from 0 to 1. */
  share(lines: readonly string[]): number;
  /** A reader of a source from its line `from` on. */
  reader(emit: Emit, from: number): EntryReader;
  /** Whose log it is, where its first lines tell. */
  system(lines: readonly string[]): LogSystem | null;
}

/** The share of the non-empty lines that `fits` is true for. */
export function shareOf(lines: readonly string[], fits: (line: string) => boolean): number {
  const told = lines.filter((line) => line.trim() !== '');
  return told.length === 0 ? 0 : told.filter(fits).length / told.length;
}
