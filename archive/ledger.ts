// The ledger of Git LFS: which objects a repository's pointers name, and which of them the archive has.
import { createHash } from 'node:crypto';
import { PivoError, isPivoError } from '../contract/failures.ts';
import { LfsEntry, LfsLedgerHead, type LfsRecord } from '../contract/lfs.ts';
import { lfsLedgerFolder, lfsLedgerPath } from './layout.ts';
import { readSmall } from './read.ts';
import type { Store } from './store.ts';

/** What a ledger says, by oid, and its last file. */
export interface LfsLedger {
  entries: Map<string, LfsEntry>;
  last: { number: number; sha256: string } | null;
  /** Files that were read for it: those since the last that is whole. */
  files: number;
  /** Of a ledger that was lost: numbers up to this one are not used again. */
  lost?: number;
}

/** After so many files the next one repeats all, so that a reader opens few. */
const MOST_FILES = 64;

/** A ledger without entries; its files begin after those of one that was lost. */
export const emptyLedger = (lost = 0): LfsLedger => ({ entries: new Map(), last: null, files: 0, lost });

/** Numbers of a repository's ledger files, ascending. */
export async function listLedgerNumbers(store: Store, repository: string): Promise<number[]> {
  const files = await store.list(lfsLedgerFolder(repository));
  return files.flatMap(({ name }) => (/^[1-9][0-9]*\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

/**
 * The ledger up to its last file, or up to `upTo`. `known`: the last file that a visit names, so that one that is lost is missed.
 * Fails with Damaged that names the file: one that is lost, cannot be read, or is not the one that the next file or the visit means.
 */
export async function readLedger(store: Store, repository: string, known: LfsRecord['ledger'] = null, upTo = Number.POSITIVE_INFINITY): Promise<LfsLedger> {
  const numbers = (await listLedgerNumbers(store, repository)).filter((number) => number <= upTo);
  const newest = Math.max(numbers.at(-1) ?? 0, known === null || known.number > upTo ? 0 : known.number);
  const files: LfsEntry[][] = [];
  let last: LfsLedger['last'] = null;
  let expected: string | null = null;
  for (let number = newest; number > 0; number--) {
    const { head, entries, sha256 } = await readFile(store, repository, number);
    const meant: string | null = expected ?? (known?.number === number ? known.sha256 : null);
    if (meant !== null && meant !== sha256) throw damaged(repository, number, 'is not the file that is meant: its SHA-256 is another');
    last ??= { number, sha256 };
    files.push(entries);
    if (head.whole) break;
    expected = head.previous;
  }
  const entries = new Map(files.reverse().flat().map((entry) => [entry.oid, entry]));
  return { entries, last, files: files.length };
}

async function readFile(store: Store, repository: string, number: number): Promise<{ head: LfsLedgerHead; entries: LfsEntry[]; sha256: string }> {
  const bytes = await readSmall(store, lfsLedgerPath(repository, number)).catch((error: unknown) => {
    throw isPivoError(error, 'NotFound') ? damaged(repository, number, 'is not there, and it was') : error;
  });
  try {
    const [first = '', ...lines] = bytes.toString('utf8').split('\n');
    const head = LfsLedgerHead.parse(JSON.parse(first));
    if (head.number !== number || head.repository !== repository || lines.pop() !== '') throw new Error('it is another file, or cut');
    return { head, entries: lines.map((line) => LfsEntry.parse(JSON.parse(line))), sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw damaged(repository, number, `cannot be read: ${(error as Error).message.slice(0, 200)}`);
  }
}

function damaged(repository: string, number: number, what: string): PivoError {
  const path = lfsLedgerPath(repository, number);
  return new PivoError('Damaged', `${path} ${what}`, { hint: 'The next backup looks for all pointers again and begins the ledger anew; the objects stay.', facts: { path } });
}

/**
 * Adds a file that says what changed, and returns the ledger with it. Fails with VisitConflict when another run took the number:
 * observe again.
 */
export async function extendLedger(store: Store, repository: string, ledger: LfsLedger, changes: readonly LfsEntry[], signal?: AbortSignal): Promise<LfsLedger> {
  if (changes.length === 0) return ledger;
  const number = Math.max(ledger.last?.number ?? 0, ledger.lost ?? 0, (await listLedgerNumbers(store, repository)).at(-1) ?? 0) + 1;
  const entries = new Map([...ledger.entries, ...changes.map((entry): [string, LfsEntry] => [entry.oid, entry])]);
  const whole = ledger.last === null || ledger.last.number !== number - 1 || ledger.files >= MOST_FILES;
  const head: LfsLedgerHead = { formatVersion: 1, repository, number, previous: ledger.last?.sha256 ?? null, whole };
  const lines = [head, ...(whole ? entries.values() : changes)];
  try {
    const { sha256 } = await store.create(lfsLedgerPath(repository, number), Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')), signal);
    return { entries, last: { number, sha256 }, files: whole ? 1 : ledger.files + 1 };
  } catch (error) {
    if (!isPivoError(error, 'Exists')) throw error;
    throw new PivoError('VisitConflict', `${lfsLedgerPath(repository, number)} was written by another run`, { hint: 'The run observes the origin again by itself.', cause: error });
  }
}

/** What a visit says of a ledger. */
export function recordOf({ entries, last }: LfsLedger): LfsRecord {
  let [bytes, missing] = [0, 0];
  for (const { size, state } of entries.values()) {
    bytes += size;
    if (state === 'missing') missing += 1;
  }
  return { objects: entries.size, bytes, missing, ledger: last };
}
