// The tables that can be asked, with their columns, as the index itself tells them.
import type { JSX } from 'preact';
import { useLoad } from '../api/load.ts';
import { rows, text } from '../api/sql.ts';
import { go, here } from '../route.ts';
import { Card } from './page.tsx';
import { Show } from './state.tsx';

/** The documented tables, the most asked first. */
const TABLES = ['repo_snapshots', 'commits', 'changes', 'visits', 'refs', 'visit_refs', 'commit_parents', 'restores', 'audit', 'message_search', 'path_search'];
const NAMES = TABLES.map((table) => `'${table}'`).join(', ');
const COLUMNS = `SELECT m.name AS tbl, p.name AS col FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.name IN (${NAMES}) ORDER BY m.name, p.cid`;

export function SchemaHelp(): JSX.Element {
  const schema = useLoad('schema', (signal) => rows(COLUMNS, { signal }));
  return (
    <Card title="Tables">
      <Show of={schema}>{(found) => (
        <div class="schema" role="region" aria-label="Tables and columns" tabIndex={0}>
          {TABLES.map((table) => (
            <details key={table}>
              <summary>{table}</summary>
              <ul>{found.filter((row) => text(row, 'tbl') === table).map((row) => <li key={text(row, 'col')} class="mono">{text(row, 'col')}</li>)}</ul>
              {!table.endsWith('_search') && <button type="button" onClick={() => go(here({ q: `SELECT *\nFROM ${table}\nLIMIT 20`, skip: '' }))}>Show some rows</button>}
            </details>
          ))}
          <p class="quiet small">Times are ISO 8601 in UTC. <code>message_search</code> is asked with <code>WHERE query MATCH 'word'</code>.</p>
        </div>
      )}</Show>
    </Card>
  );
}
