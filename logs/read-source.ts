// Reads one source: bytes to lines, lines to entries, entries to batches.
import type { LogSystem } from '../contract/logs.ts';
import { EntryBatches } from './batches.ts';
import { contentOf } from './content.ts';
import { FIRST_LINES, formatNamed, recognise, runOf, systemOf } from './formats/recognise.ts';
import { LineCutter } from './lines.ts';
import type { LogWriter, NewSource, OpenSource } from './writer.ts';

export interface SourceFile {
  path: string;
  /** Bytes on disk. */
  packed: number;
  id: string;
  name: string;
  system?: LogSystem | undefined;
  run?: string | undefined;
}

export interface SourceRun {
  signal: AbortSignal;
  onBytes(bytes: number): void;
}

/** Stores what of the source is not yet stored. Fails as `contentOf` and `LogWriter.write` do. */
export async function readSource(writer: LogWriter, file: SourceFile, { signal, onBytes }: SourceRun): Promise<OpenSource> {
  const source = writer.find(file.id) ?? writer.source(await describe(file, signal));
  const batches = new EntryBatches(formatNamed(source.format), source, (entries, position) => void writer.write(source, entries, position));
  const cutter = new LineCutter((text, bytes) => batches.line(text, bytes));
  let skip = source.offset;
  let read = 0;
  for await (const chunk of contentOf(file.path, file.packed, signal)) {
    read += chunk.length;
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      cutter.add(skip === 0 ? chunk : chunk.subarray(skip));
      skip = 0;
    }
    onBytes(read);
    signal.throwIfAborted();
  }
  cutter.end();
  batches.end((entries, position) => void writer.write(source, entries, position, 'complete'));
  return source;
}

const ENOUGH = new Error('enough lines');

/** What the first lines, the name and the uploader tell of a source. */
async function describe({ path, packed, id, name, system, run }: SourceFile, signal: AbortSignal): Promise<NewSource> {
  const lines: string[] = [];
  const cutter = new LineCutter((text) => {
    lines.push(text);
    if (lines.length >= FIRST_LINES) throw ENOUGH;
  });
  try {
    for await (const chunk of contentOf(path, packed, signal)) cutter.add(chunk);
    cutter.end();
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
  const format = recognise(lines);
  return { id, name, format: format.name, system: system ?? systemOf(format, lines, name), run: run ?? runOf(name), state: 'reading' };
}
