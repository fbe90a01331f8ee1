// Operation `search-forge`: issues, merge requests, comments, releases and so on by their words.
import { z } from 'zod';
import { ForgeDataKind } from '../contract/forge-data.ts';
import { PivoError } from '../contract/failures.ts';
import { RepositoryName } from '../contract/names.ts';
import { defineOperation } from './operation.ts';
import { readerOf } from './query.ts';
import { rowsOf, sqlText } from './rows.ts';

export interface ForgeHit {
  repository: string;
  kind: ForgeDataKind;
  id: string;
  /** Of the issue or merge request that it is, or belongs to. */
  number: number | null;
  title: string;
  state: string | null;
  author: string | null;
  updated: string | null;
  url: string | null;
  /** Where the words are, of the body. */
  excerpt: string;
}

export interface ForgeHits {
  hits: ForgeHit[];
  /** There are more than were asked for. */
  more: boolean;
}

/** Words around a match. */
const EXCERPT = 24;

export const searchForge = defineOperation({
  name: 'search-forge',
  description: 'Searches what was exported of forges by words in titles and bodies: issues, merge requests, comments, reviews, releases. All words have to be there; "two words" is a phrase, wor* a beginning. Records are in their last state.',
  kind: 'reads',
  input: z.strictObject({
    query: z.string().trim().min(1, 'words to search for').max(1_000),
    repository: RepositoryName.optional(),
    kind: ForgeDataKind.optional(),
    /** Of one issue or merge request with all that belongs to it. */
    number: z.number().int().positive().optional(),
    limit: z.number().int().positive().max(1_000).default(30),
  }),
  async run({ paths }, { query, repository, kind, number, limit }, { signal }): Promise<ForgeHits> {
    const filters = [
      `forge_text MATCH ${sqlText(matchOf(query))}`,
      'NOT EXISTS (SELECT 1 FROM stored_forge_records n WHERE n.repository = f.repository AND n.kind = f.kind AND n.record = f.record AND n.export > f.export)',
      ...(repository === undefined ? [] : [`r.name = ${sqlText(repository)}`]),
      ...(kind === undefined ? [] : [`f.kind = ${sqlText(kind)}`]),
      ...(number === undefined ? [] : [`f.number = ${number}`]),
    ];
    const sql = `SELECT r.name AS repository, f.kind AS kind, f.record AS id, f.number AS number, f.title AS title, f.state AS state, f.author AS author, f.updated AS updated, f.url AS url, snippet(forge_text, 1, '', '', '…', ${EXCERPT}) AS excerpt FROM forge_text JOIN stored_forge_records f ON f.id = forge_text.rowid JOIN repositories r ON r.id = f.repository WHERE ${filters.join(' AND ')} ORDER BY rank LIMIT ${limit + 1}`;
    const rows = rowsOf(await readerOf(paths.index).query(sql, { rows: limit + 1 }, signal)) as unknown as ForgeHit[];
    return { hits: rows.slice(0, limit), more: rows.length > limit };
  },
});

/** Words as FTS5 takes them: each quoted, so that none is taken for one of its signs. Fails with InvalidInput where none has a letter or digit. */
function matchOf(query: string): string {
  const words = [...query.matchAll(/"([^"]*)"|(\S+)/g)].flatMap(([, phrase, word]) => {
    const text = (phrase ?? word ?? '').replaceAll('"', ' ').replaceAll('\0', ' ');
    const isBeginning = phrase === undefined && text.length > 1 && text.endsWith('*');
    return /[\p{L}\p{N}]/u.test(text) ? [`"${isBeginning ? text.slice(0, -1) : text}"${isBeginning ? '*' : ''}`] : [];
  });
  if (words.length === 0) throw new PivoError('InvalidInput', 'there is no word to search for', { hint: 'Give a word with letters or digits.' });
  return words.join(' AND ');
}
