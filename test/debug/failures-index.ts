// All provoked failures in one log index, under names that tell nothing, and one question after the other to it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { findCause, type Found } from '../../diagnosis/find-cause.ts';
import { ingestLogs } from '../../logs/ingest.ts';
import { openLogsForWriting } from '../../logs/open.ts';
import { ASKED_OTHERWISE, EXPECTED, UNANSWERABLE, type Expected } from './expected.ts';

const FOLDER = join(import.meta.dirname, 'failures');

export interface FailuresIndex {
  db: Database.Database;
  /** File of a source's name. */
  fileOf(name: string): string | undefined;
  close(): Promise<void>;
}

export async function openFailuresIndex(): Promise<FailuresIndex> {
  const folder = await mkdtemp(join(tmpdir(), 'pivo-failures-'));
  const db = openLogsForWriting(join(folder, 'logs.db'));
  const files = new Map<string, string>();
  for (const [at, file] of (await readdir(FOLDER)).toSorted().entries()) {
    const name = `part-${at}`;
    files.set(name, file);
    await ingestLogs(db, { paths: [join(FOLDER, file)], name, spooled: false }, { signal: new AbortController().signal, onProgress: () => {} });
  }
  return {
    db,
    fileOf: (name) => files.get(name),
    close: async () => {
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Marked {
  expected: Expected;
  found: Found;
  isCause: boolean;
  /** The first line of evidence is in the right log and proves the cause. */
  isEvidence: boolean;
}

const ask = (index: FailuresIndex, question: string): Found => findCause(index.db, question, { from: null, to: null });

export const markAll = (index: FailuresIndex): Marked[] => mark(index, EXPECTED);

/** The same failures, asked for in words that no weight was chosen by. */
export function markOtherwise(index: FailuresIndex): Marked[] {
  const byName = new Map(EXPECTED.map((each) => [each.name, each]));
  return mark(index, ASKED_OTHERWISE.flatMap(({ name, ask: otherwise }) => ({ ...(byName.get(name) as Expected), ask: otherwise })));
}

function mark(index: FailuresIndex, asked: readonly Expected[]): Marked[] {
  return asked.map((expected) => {
    const found = ask(index, expected.ask);
    const [first] = found.proofs;
    const isCause = found.cause?.id === expected.cause;
    const isEvidence = isCause && first !== undefined && index.fileOf(first.source.name) === `${expected.name}.log` && expected.lines.some((line) => first.text.includes(line));
    return { expected, found, isCause, isEvidence };
  });
}

/** Questions that no log answers, with what was found for each all the same. */
export const markUnanswerable = (index: FailuresIndex): { ask: string; found: Found }[] => UNANSWERABLE.map(({ ask: question }) => ({ ask: question, found: ask(index, question) }));
