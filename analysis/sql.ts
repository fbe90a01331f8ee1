// Tables that SQL reads and writes, read lexically: any dialect, dbt's and Jinja's templates too.
import type { Code } from './calls.ts';
import { mask, SQL } from './lexis.ts';
import { Facts, type FileReader } from './reader.ts';
import { lineCounter } from './source.ts';

const PART = String.raw`(?:'_{1,300}'|[A-Za-z_][\w$-]*|"[^"\n]{1,100}"|\`[^\`\n]{1,100}\`|\[[^\]\n]{1,100}\]|[$@]?\{\{?[^{}\n]{1,100}\}?\}|:\w+)`;
const NAME = String.raw`(${PART}(?:\.${PART}){0,3})`;
const COLUMNS = /^(?:select|values|lateral|unnest|table|only|set|where|using|as|on|inner|left|right|full|cross|stdin|stdout|dual|generate_series|explode|flatten|current_date|current_timestamp|now|the|a|an|this|each|all|into|from)$/i;

/** What writes, with the word for it; the first group is the table. */
const WRITES: readonly (readonly [RegExp, string])[] = [
  [new RegExp(String.raw`\binsert\s+(?:or\s+\w+\s+)?(?:into|overwrite)\s+(?:table\s+)?${NAME}`, 'gi'), 'inserted into'],
  [new RegExp(String.raw`\bcreate\s+(?:or\s+replace\s+)?(?:global\s+)?(?:temp(?:orary)?\s+|external\s+|transient\s+|unlogged\s+)*(?:table|materialized\s+view|view)\s+(?:if\s+not\s+exists\s+)?${NAME}`, 'gi'), 'created'],
  [new RegExp(String.raw`\bmerge\s+into\s+${NAME}`, 'gi'), 'merged into'],
  [new RegExp(String.raw`\bupdate\s+${NAME}\s+(?:as\s+)?(?:\w+\s+)?set\b`, 'gi'), 'updated'],
  [new RegExp(String.raw`\bdelete\s+from\s+${NAME}`, 'gi'), 'rows deleted from'],
  [new RegExp(String.raw`\btruncate\s+(?:table\s+)?${NAME}`, 'gi'), 'truncated'],
  [new RegExp(String.raw`\bcopy\s+(?:into\s+)?${NAME}\s*(?:\([^()]*\)\s*)?from\b`, 'gi'), 'copied into'],
];
const READS = new RegExp(String.raw`\b(?:from|join|using)\s+(?:only\s+)?${NAME}(?!\s*\(|[\w.])`, 'gi');
/** Functions whose arguments are written with FROM, and `is distinct from`. */
const NO_TABLES = /\b(?:extract|trim|substring|overlay|position)\s*\([^()]*\)|\bdistinct\s+from\b|\bdelete\s+from\b/gi;
/** Jinja's statements and comments; expressions may stand for a table. */
const TEMPLATE = /\{[%#][^{}\n]{0,400}[%#]\}/g;

/** Facts of a text of SQL that begins in line `firstLine` of the file. `said` is what the detail begins with. */
export function sqlFacts(text: string, firstLine: number, facts: Facts, said = 'SQL'): void {
  const masked = mask(text, SQL).text;
  const plain = masked.replaceAll(TEMPLATE, (found) => ' '.repeat(found.length));
  const lineAt = lineCounter(text);
  const tell = (kind: 'input' | 'output', found: RegExpExecArray, what: string): void => {
    const at = found.index + found[0].lastIndexOf(found[1] ?? '');
    const name = text.slice(at, at + (found[1] ?? '').length);
    if (COLUMNS.test(name) || /^\{\{-?\s*(?:ref|source|this|config)\b/.test(name)) return;
    facts.add(kind, name.replaceAll(/^'|'$/g, ''), `${said}: ${what}`, firstLine + lineAt(at) - 1);
  };
  for (const [pattern, what] of WRITES) for (const found of plain.matchAll(pattern)) tell('output', found, what);
  const own = new Set([...plain.matchAll(/\b(\w+)\s*(?:\([\w\s,]*\)\s*)?as\s*(?:not\s+)?(?:materialized\s*)?\(/gi)].map(([, name = '']) => name.toLowerCase()));
  const readable = plain.replaceAll(NO_TABLES, (found) => found.replaceAll(/[^\n]/g, ' '));
  if (/\b(?:select|merge|delete|update|insert|create)\b/i.test(plain)) for (const found of readable.matchAll(READS)) if (!own.has((found[1] ?? '').toLowerCase())) tell('input', found, 'read');
  templates(text, firstLine, lineAt, facts);
}

/** dbt's `ref` and `source` (docs.getdbt.com/reference/dbt-jinja-functions). */
function templates(text: string, firstLine: number, lineAt: (offset: number) => number, facts: Facts): void {
  for (const found of text.matchAll(/\{\{-?\s*(ref|source)\s*\(\s*(['"])([^'"\n]{1,200})\2(?:\s*,\s*(['"])([^'"\n]{1,200})\4)?/g)) {
    const [whole, what = '', , first = '', , second] = found;
    const name = second ?? first;
    facts.add('input', name, what === 'ref' ? `dbt model${second === undefined ? '' : ` of ${first}`}, read by ref` : `table of dbt source ${first}`, firstLine + lineAt(found.index + whole.lastIndexOf(name)) - 1);
  }
}

/** Begins as a statement that names tables does. */
const STATEMENT = /^\s*(?:(?:explain\s+)?(?:select\s[^]{1,20000}?\sfrom|with\s+\w+\s+as|delete\s+from|copy\s)|insert\s+(?:or\s+\w+\s+)?(?:into|overwrite)|update\s+\S{1,200}\s+set|merge\s+into|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|external\s+|materialized\s+)*(?:table|view)|truncate\s+table)\s/i;

/** Facts of every string of a program that is a statement of SQL. */
export function sqlInStrings({ source, strings, lineAt }: Pick<Code, 'source' | 'strings' | 'lineAt'>, facts: Facts): void {
  for (const { from, to } of strings.values()) {
    const text = source.slice(from, to);
    if (text.length > 12 && STATEMENT.test(text)) sqlFacts(text, lineAt(from), facts, 'SQL in a string');
  }
}

export const sqlReader: FileReader = {
  reads: (path) => /\.(?:sql|hql|ddl|dml|psql|pgsql)(?:\.j2|\.jinja2?)?$/.test(path),
  read(source) {
    const facts = new Facts(source);
    sqlFacts(source.text, 1, facts);
    if (/\{\{-?\s*(?:config|ref|source)\s*\(/.test(source.text)) facts.addFile('output', source.name.replace(/\.sql.*$/, ''), `dbt model of this file${materialized(source.text)}`);
    return facts.list;
  },
};

function materialized(text: string): string {
  const how = /materialized\s*=\s*['"](\w{1,40})['"]/.exec(text)?.[1];
  return how === undefined ? '' : `, materialized as ${how}`;
}
