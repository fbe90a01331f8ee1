// A source that is a plain file: one URL a line, a name behind it where it shall have one of its own.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import type { ListedRepository } from '../contract/source.ts';
import { hostOf, placeOf } from './place.ts';

/** Repositories and bytes of a list. */
const MOST = { repositories: 100_000, bytes: 32 * 2 ** 20 };

/** How a line is read. */
export interface ListReading {
  /** The URL as git gets it. Fails with UrlRefused. */
  check(url: string): string;
  signal: AbortSignal;
}

/**
 * The repositories of a list: `URL [NAME]` a line, empty lines and what follows `#` at a line's begin or behind a space left out.
 * Fails with NotFound, InvalidInput that names the line, and LimitExceeded.
 */
export async function readList(file: string, { check, signal }: ListReading): Promise<ListedRepository[]> {
  const found = new Map<string, ListedRepository>();
  const names = new Map<string, number>();
  const stream = createReadStream(file, { signal, end: MOST.bytes });
  let number = 0;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number++;
      if (stream.bytesRead > MOST.bytes || found.size > MOST.repositories) throw tooLong(file);
      const each = repositoryOf(number === 1 ? line.replace(/^\uFEFF/, '') : line, { file, number, check });
      if (each === null || found.has(each.id)) continue;
      const before = each.name === null ? undefined : names.get(each.name.toLowerCase());
      if (before !== undefined) throw wrongLine(file, number, `the name "${each.name}" is line ${before}'s already`);
      if (each.name !== null) names.set(each.name.toLowerCase(), number);
      found.set(each.id, each);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(file, error);
  }
  return [...found.values()];
}

interface Line {
  file: string;
  number: number;
  check: ListReading['check'];
}

function repositoryOf(line: string, { file, number, check }: Line): ListedRepository | null {
  const [given, name, ...more] = line.replace(/(^|\s)#.*$/, '').trim().split(/\s+/);
  if (given === undefined || given === '') return null;
  if (more.length > 0) throw wrongLine(file, number, 'more than a URL and a name');
  const said = name === undefined ? null : RepositoryName.safeParse(name);
  if (said?.success === false) throw wrongLine(file, number, said.error.issues[0]?.message ?? 'no name');
  const url = checked(given, { file, number, check });
  const path = placeOf(url).slice(hostOf(url).length).replace(/^\/+/, '');
  return { id: url, path, url, archived: false, fork: false, wiki: false, empty: false, name: said === null ? null : said.data };
}

function checked(url: string, { file, number, check }: Line): string {
  try {
    return check(url);
  } catch (error) {
    throw wrongLine(file, number, (error as Error).message, error);
  }
}

/** The line itself may be anything: only its number is told. */
const wrongLine = (file: string, number: number, what: string, cause?: unknown): PivoError =>
  new PivoError('InvalidInput', `line ${number} of ${file}: ${what}`, { facts: { file, line: number }, hint: 'Each line is a URL and, if you like, a name; "#" begins a comment. Nothing was changed.', cause });

const tooLong = (file: string): PivoError => new PivoError('LimitExceeded', `${file} has more than ${MOST.repositories} repositories or ${MOST.bytes / 2 ** 20} MiB`, { hint: 'Make several lists of it, each a source of its own.' });

function unreadable(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof PivoError) return error;
  if (code === 'ENOENT') return new PivoError('NotFound', `there is no list ${file}`, { hint: 'It is read on the machine of the worker: put it back there, or remove the source. What was backed up stays.', cause: error });
  return new PivoError('InvalidInput', `the list ${file} cannot be read (${code})`, { hint: 'The user of the worker must be able to read it.', cause: error });
}
