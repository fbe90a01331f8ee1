// The audit: every outcome that someone may have to answer for, by repository and act.
import type { JSX } from 'preact';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { text, type Row } from '../api/sql.ts';
import { shown, when } from '../format.ts';
import { Card, Page } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State } from '../parts/words.tsx';
import { asked, askedNumber, go, here } from '../route.ts';
import { useHealth, RunLink } from '../parts/run-link.tsx';

const STEP = 100;
const MOST = 10_000;
const ACTIONS = ['ingest', 'restore', 'approve', 'reject', 'dead-letter'];
type AuditRow = Omit<Row, 'details'> & { details: unknown };

export default function Audit(): JSX.Element {
  const [repository, action, limit] = [asked('repository'), asked('action'), Math.min(MOST, askedNumber('limit', STEP))];
  const audit = useLoad(`audit ${repository} ${action} ${limit}`, (signal) => get<{ records: AuditRow[] }>(['audit'], { repository, action, limit }, signal));
  const ui = useHealth().data?.temporal;
  return (
    <Page title="Audit" about="Archived write-once; the newest first.">
      <Card>
        <div class="card-head"><div class="row" role="search">
          <input class="filter" type="search" aria-label="Only of a repository" placeholder="Repository" defaultValue={repository} onChange={(event) => go(here({ repository: event.currentTarget.value.trim(), limit: '' }))} />
          <select class="narrow" aria-label="Action" value={action} onChange={(event) => go(here({ action: event.currentTarget.value, limit: '' }))}>
            <option value="">Every action</option>
            {ACTIONS.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </div></div>
        <Show of={audit} lines={8}>{({ records }) => records.length === 0 ? <Empty title={repository === '' && action === '' ? 'Nothing has happened yet' : 'No record fits'} command="pivo ingest URL" /> : (
          <>
            <Table label="Audit records" rows={records} of={(row) => text(row, 'id')} columns={[
              { title: 'Time', cell: (row) => <time class="small" dateTime={text(row, 'time')}>{when(text(row, 'time'))}</time> },
              { title: 'Action', cell: (row) => text(row, 'action') },
              { title: 'Outcome', cell: (row) => <State of={text(row, 'outcome')} /> },
              { title: 'Repository', cell: (row) => text(row, 'repo_name') || '–' },
              { title: 'Who', minor: true, cell: (row) => <span class="break">{shown(text(row, 'actor'))}</span> },
              { title: 'Details', kind: 'wide', cell: ({ details, ...row }) => <details><summary class="small">show</summary><pre class="block" tabIndex={0}>{shown(JSON.stringify(details, null, 2))}</pre><RunLink workflow={text(row, 'workflow_id')} run={text(row, 'run_id')} temporal={ui} /></details> },
            ]} />
            {records.length === limit && limit < MOST && <p class="pad"><a class="button" href={here({ limit: Math.min(MOST, limit * 3) })}>Show more</a></p>}
          </>
        )}</Show>
      </Card>
    </Page>
  );
}
