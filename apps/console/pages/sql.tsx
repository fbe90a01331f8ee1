// SQL over the index: a box, help with the tables, rows as a table and as CSV.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import type { QueryResult } from '../api/sql.ts';
import { csvOf } from '../parts/csv.ts';
import { Card, Page, Pager } from '../parts/page.tsx';
import { ResultTable } from '../parts/result-table.tsx';
import { SchemaHelp } from '../parts/schema-help.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { asked, askedNumber, go, here } from '../route.ts';
import { many } from '../format.ts';

const EXAMPLES: [label: string, sql: string][] = [
  ['Latest commits', 'SELECT repo_name, timestamp, author, message\nFROM repo_snapshots\nORDER BY timestamp DESC\nLIMIT 20'],
  ['Who commits most', 'SELECT author, count(*) AS commits\nFROM repo_snapshots\nGROUP BY author\nORDER BY commits DESC\nLIMIT 20'],
  ['Force-pushes and deletions', 'SELECT repo_name, visit, time, refs_forced, refs_deleted\nFROM visits\nWHERE refs_forced + refs_deleted > 0\nORDER BY time DESC'],
  ['Size of each repository', 'SELECT repo_name, max(visit) AS visits, pack_bytes\nFROM visits\nGROUP BY repo_name\nORDER BY pack_bytes DESC'],
];
const STEP = 200;

export default function Sql(): JSX.Element {
  const sql = asked('q');
  const result = useLoad(sql === '' ? '' : `sql ${sql}`, (signal) => post<QueryResult>(['query'], { sql, limit: 10_000 }, signal));
  const box = useRef<HTMLTextAreaElement>(null);
  const run = (): void => {
    const text = box.current?.value.trim() ?? '';
    if (text === sql) result.reload();
    else go(here({ q: text, skip: '' }));
  };
  return (
    <Page title="SQL" about="One statement that reads the index. The address of this page keeps it: share it as it is.">
      <div class="with-help">
        <div class="stack">
          <form class="form sql" aria-label="Query" onSubmit={(event) => (event.preventDefault(), run())}>
            <textarea key={sql} ref={box} aria-label="SQL statement" defaultValue={sql} spellcheck={false} placeholder="SELECT …" onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              run();
            }} />
            <div class="row"><button class="primary">Run</button><span class="quiet small">or Ctrl + Enter</span></div>
          </form>
          <Card title="Result" aside={result.data !== undefined && sql !== '' ? <Totals of={result.data} /> : undefined}>
            {sql === '' ? <Empty title="Ask the index"><p>Start from one of these, or from a table on the side:</p><div class="row">{EXAMPLES.map(([label, q]) => <a key={label} class="button" href={here({ q })}>{label}</a>)}</div></Empty> : <Show of={result} lines={6}>{(found) => <Result of={found} />}</Show>}
          </Card>
        </div>
        <SchemaHelp />
      </div>
    </Page>
  );
}

function Totals({ of }: { of: QueryResult }): JSX.Element {
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([csvOf(of)], { type: 'text/csv' }));
    link.download = 'pivo-query.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return <span class="row"><span class="quiet small">{many(of.rows.length, 'row')}{of.truncated && ', cut off'} in {Math.round(of.ms)} ms</span><button type="button" onClick={save}>CSV</button></span>;
}

function Result({ of }: { of: QueryResult }): JSX.Element {
  const skip = askedNumber('skip', 0);
  if (of.rows.length === 0) return <Empty title="No row fits" />;
  const rows = of.rows.slice(skip, skip + STEP);
  return <><ResultTable columns={of.columns} rows={rows} /><Pager skip={skip} shown={rows.length} step={STEP} total={of.rows.length} more={skip + STEP < of.rows.length} /></>;
}
