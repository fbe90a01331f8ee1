// Operation `commits`: the commits of a repository from the index, newest first, by text, author or visit; pages by key.
import { z } from 'zod';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf, sqlText } from './rows.ts';
import { peopleOf } from './vault-door.ts';

export interface IndexedCommit {
  hash: string;
  parents: string[];
  author: string;
  email: string;
  /** ISO 8601 UTC of the committer; null where git could not read it. */
  time: string | null;
  subject: string;
  /** The visit that first saw it. */
  visit: number;
  filesChanged: number | null;
}

export interface CommitPage {
  repository: string;
  commits: IndexedCommit[];
  /** Give it as `after` for the next page; null on the last one. */
  next: string | null;
}

const Input = z.strictObject({
  repository: RepositoryName,
  /** Words of the message; with them the order is that in which the commits were indexed, the last first. */
  text: z.string().trim().max(1_000).default(''),
  /** Part of the author's name or address. */
  author: z.string().trim().max(500).default(''),
  /** Only commits that this visit saw first. */
  visit: z.number().int().positive().optional(),
  limit: z.number().int().positive().max(1_000).default(100),
  /** The `next` of the page before. */
  after: z.string().regex(/^(-|-?\d{1,18})\.\d{1,18}$/, 'the `next` of another page').optional(),
});

export const commits = defineOperation({
  name: 'commits',
  description: 'Lists the commits of a repository from the index, newest first, filtered by words of the message, author or visit, page by page.',
  kind: 'reads',
  input: Input,
  async run(context, input, { signal }): Promise<CommitPage> {
    const { repository, limit, author } = input;
    const people = author === '' ? undefined : await peopleOf(context); // the index knows tokens only
    const result = await readerOf(context.paths.index).query(statement({ ...input, author: people?.text(author) ?? author }), { rows: limit + 1, bytes: 64 * 2 ** 20 }, signal);
    const rows = rowsOf(result) as unknown as Row[];
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { repository, commits: shown.map(commitOf), next: rows.length > limit && last !== undefined ? `${last.seconds ?? '-'}.${last.id}` : null };
  },
});

type Row = Omit<IndexedCommit, 'parents'> & { id: number; seconds: number | null; parents: string };

const commitOf = ({ id: _id, seconds: _seconds, parents, ...rest }: Row): IndexedCommit => ({ ...rest, parents: parents === '' ? [] : parents.split(' ') });

const COLUMNS = `c.id, c.commit_time AS seconds, c.hash, c.parents, a.name AS author, a.email, strftime('%Y-%m-%dT%H:%M:%SZ', c.commit_time, 'unixepoch') AS time, c.subject, c.visit, c.files_changed AS filesChanged`;

function statement({ repository, text, author, visit, limit, after }: z.output<typeof Input>): string {
  const { seconds, id } = keyOf(after);
  const filters = [`c.repository = (SELECT id FROM repositories WHERE name = ${sqlText(repository)})`];
  if (visit !== undefined) filters.push(`c.visit = ${visit}`);
  if (author !== '') filters.push(`c.author IN (SELECT id FROM people WHERE instr(lower(name || ' ' || email), ${sqlText(author.toLowerCase())}) > 0)`);
  const page = (from: string, key: string, order: string): string => `SELECT * FROM (SELECT ${COLUMNS} FROM ${from} JOIN people a ON a.id = c.author WHERE ${[...filters, key].join(' AND ')} ORDER BY ${order} LIMIT ${limit + 1})`;
  if (text !== '') return page('message_text f CROSS JOIN stored_commits c ON c.id = f.rowid', `f.message_text MATCH ${sqlText(wordsOf(text))}${id === null ? '' : ` AND f.rowid < ${id}`}`, 'f.rowid DESC');
  const undated = page('stored_commits c', `c.commit_time IS NULL${seconds === null && id !== null ? ` AND c.id < ${id}` : ''}`, 'c.id DESC');
  if (seconds === null && id !== null) return undated;
  const dated = page('stored_commits c', seconds === null ? 'c.commit_time IS NOT NULL' : `(c.commit_time, c.id) < (${seconds}, ${id})`, 'c.commit_time DESC, c.id DESC');
  return `${dated} UNION ALL ${undated} LIMIT ${limit + 1}`;
}

function keyOf(after: string | undefined): { seconds: string | null; id: string | null } {
  if (after === undefined) return { seconds: null, id: null };
  const dot = after.indexOf('.');
  return { seconds: after.startsWith('-.') ? null : after.slice(0, dot), id: after.slice(dot + 1) };
}

/** Each word as an FTS5 string, the last one as a beginning: nothing that a person types is syntax. */
function wordsOf(text: string): string {
  const words = text.split(/\s+/).map((word) => `"${word.replaceAll('"', '""')}"`);
  if (words.length === 0) throw new PivoError('InvalidInput', 'there is no word to look for');
  return `${words.join(' ')}*`;
}
