// Tells a statement that only reads from everything else, before SQLite sees it.
import { PivoError } from '../contract/failures.ts';

const SPACE_AND_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$)|;)+/;
const WORD = /^[A-Za-z]+/;
const READERS = ['SELECT', 'WITH', 'VALUES', 'EXPLAIN'];

/**
 * Fails with InvalidInput unless the statement starts as a reader. EXPLAIN must explain one: SQLite carries out
 * some PRAGMAs while it prepares them, even those to be explained (sqlite.org/pragma.html).
 */
export function checkReader(sql: string): void {
  const words: string[] = [];
  let rest = sql;
  while (words.length < 4) {
    rest = rest.replace(SPACE_AND_COMMENTS, '');
    const word = WORD.exec(rest)?.[0];
    if (word === undefined) break;
    words.push(word.toUpperCase());
    rest = rest.slice(word.length);
  }
  const [first = ''] = words;
  const explained = words[1] === 'QUERY' && words[2] === 'PLAN' ? words[3] : words[1];
  const allowed = first === 'EXPLAIN' ? READERS.includes(explained ?? '') && explained !== 'EXPLAIN' : READERS.includes(first);
  if (allowed) return;
  throw new PivoError('InvalidInput', first === '' ? 'there is no SQL statement' : `${words.slice(0, first === 'EXPLAIN' ? 2 : 1).join(' ')} is refused: the index is read with SELECT, WITH, VALUES or EXPLAIN`, {
    hint: 'docs/schema.md describes the tables.',
  });
}
