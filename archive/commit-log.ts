// Reads the output of `git log --pretty=raw --raw -z`: commits as written, with the paths that each changed.
import type { Change } from '../contract/events.ts';
import { PivoError } from '../contract/failures.ts';
import { quotePath } from '../git/quote.ts';

/** Author or committer as written in the commit; `time` is null where no number of seconds can be read. */
export interface Signature {
  name: string;
  email: string;
  time: number | null;
  zone: string;
}

export interface LoggedCommit {
  hash: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  /** The whole message, trailing newlines cut. */
  message: string;
  /** Empty for a merge, as `git log` shows it; null when they are too many or the trees cannot be read. */
  changes: Change[] | null;
}

/** Most changed paths of one commit; one that names more ends the log with LimitExceeded. */
const PATHS_PER_COMMIT = 1_000_000;

/** Arguments of `git log` whose output `readCommitLog` reads, but for `--raw` (with changes) or `-s` (without). */
export const COMMIT_LOG = ['log', '-z', '--no-renames', '--no-abbrev', '--root', '--pretty=raw', '--encoding=UTF-8', '--no-expand-tabs', '--no-notes', '--no-decorate', '--no-color', '--no-ext-diff', '--no-textconv', '--ignore-missing', '--stdin'];

/** The first raw entry ends the text of its commit: after an empty line, where a message would be indented. */
const FIRST_ENTRY = /\n\n(:[0-7]{6} [0-7]{6} [0-9a-f]+ [0-9a-f]+ [A-Z][0-9]*)$/;
const ENTRY = /^:[0-7]{6} [0-7]{6} [0-9a-f]+ [0-9a-f]+ [A-Z][0-9]*$/;

/**
 * Commits in the order of the log. Text is read as latin1, a character a byte, and decoded where it is not ASCII:
 * messages and names as UTF-8 with U+FFFD for what is not, paths as `quotePath` writes them.
 */
export async function* readCommitLog(output: AsyncIterable<Uint8Array>): AsyncGenerator<LoggedCommit> {
  const reader = new Reader();
  let rest = '';
  for await (const chunk of output) {
    rest += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    if (!chunk.includes(0)) continue;
    const tokens = rest.split('\0');
    rest = tokens.pop() ?? '';
    for (const token of tokens) {
      const commit = reader.take(token);
      if (commit !== null) yield commit;
    }
  }
  for (const commit of [reader.take(rest), reader.end()]) if (commit !== null) yield commit;
}

/** Puts tokens between NULs together: a commit's text, then status and path by turns. */
class Reader {
  #commit: LoggedCommit | null = null;
  #status = '';

  /** Takes one token; returns the commit that it shows to be complete. */
  take(token: string): LoggedCommit | null {
    if (this.#status !== '') {
      this.#addChange([this.#status, path(token)]);
      this.#status = '';
      return null;
    }
    if (token === '') return null;
    if (ENTRY.test(token)) {
      this.#status = statusOf(token);
      return null;
    }
    const complete = this.#commit;
    const entry = FIRST_ENTRY.exec(token);
    this.#commit = parseCommit(entry === null ? token : token.slice(0, entry.index));
    if (entry?.[1] !== undefined) this.#status = statusOf(entry[1]);
    return complete;
  }

  end(): LoggedCommit | null {
    return this.#commit;
  }

  #addChange(change: Change): void {
    const { hash, changes } = this.#commit ?? {};
    changes?.push(change);
    if ((changes?.length ?? 0) > PATHS_PER_COMMIT) throw new PivoError('LimitExceeded', `commit ${hash} changes more than ${PATHS_PER_COMMIT} paths`);
  }
}

const statusOf = (entry: string): string => entry.charAt(entry.lastIndexOf(' ') + 1);

// eslint-disable-next-line no-control-regex
const NOT_ASCII = /[^\u0000-\u007f]/;

const text = (latin1: string): string => (NOT_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1);

const path = (latin1: string): string => (latin1.startsWith('"') || NOT_ASCII.test(latin1) ? quotePath(Buffer.from(latin1, 'latin1')) : latin1);

const NOBODY: Signature = { name: '', email: '', time: null, zone: '' };

function parseCommit(token: string): LoggedCommit {
  const end = token.indexOf('\n\n');
  const header = end === -1 ? token : token.slice(0, end);
  const commit: LoggedCommit = { hash: '', parents: [], author: NOBODY, committer: NOBODY, message: end === -1 ? '' : message(token.slice(end + 2)), changes: [] };
  for (const line of header.split('\n')) {
    if (commit.hash === '') commit.hash = line.slice('commit '.length);
    else if (line.startsWith('parent ')) commit.parents.push(line.slice('parent '.length));
    else if (line.startsWith('author ') && commit.author === NOBODY) commit.author = parseSignature(line.slice('author '.length));
    else if (line.startsWith('committer ') && commit.committer === NOBODY) commit.committer = parseSignature(line.slice('committer '.length));
  }
  return commit;
}

/** The message without the four spaces that git puts before each line. */
function message(indented: string): string {
  return text(indented.replace(/^ {4}/gm, '').replace(/\n+$/, ''));
}

const TIME = /^\s*(-?[0-9]+)(?:\s+([+-][0-9]+))?/;

/** `name <mail> seconds zone`, as far as it is there: a malformed line never fails. */
export function parseSignature(line: string): Signature {
  const open = line.indexOf('<');
  const close = line.lastIndexOf('>');
  if (open === -1 || close < open) return { ...NOBODY, name: text(line.trim()) };
  const [, seconds, zone] = TIME.exec(line.slice(close + 1)) ?? [];
  const time = seconds === undefined ? null : Number(seconds);
  return {
    name: text(line.slice(0, open).trim()),
    email: text(line.slice(open + 1, close).trim()),
    time: Number.isSafeInteger(time) ? time : null,
    zone: zone ?? '',
  };
}
