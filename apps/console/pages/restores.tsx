// Restores: those that wait for a person first, then how each ended.
import type { JSX } from 'preact';
import type { Waiting } from '../../../operations/approvals.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { text, type Row } from '../api/sql.ts';
import { shown } from '../format.ts';
import { Card, Page } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { WaitingPlans } from '../parts/waiting.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, at, go, here } from '../route.ts';

export default function Restores(): JSX.Element {
  const repository = asked('repository');
  const waiting = useLoad('approvals', (signal) => get<Waiting[]>(['approvals'], {}, signal), { every: 5000 });
  const ended = useLoad(`restores ${repository}`, (signal) => get<{ restores: Row[] }>(['restores'], { repository }, signal), { every: 10_000 });
  return (
    <Page title="Restores" about="Nothing is written to a target before a person approved its plan. Backups that an agent asked for and pipelines wait here too." actions={<a class="button primary" href="/restores/new">Restore</a>}>
      <div class="stack">
        <Card title="Waits for approval">
          <Show of={waiting} lines={2}>{(found) => found.length === 0 ? <p class="pad quiet">Nothing waits for you.</p> : (
            <WaitingPlans plans={found.map((each) => ({ ...each, what: saying(each) }))} />
          )}</Show>
        </Card>
        <Card title="Ended" aside={<input class="filter" type="search" aria-label="Only of a repository" placeholder="Only of a repository" defaultValue={repository} onChange={(event) => go(here({ repository: event.currentTarget.value.trim() }))} />}>
          <Show of={ended}>{({ restores }) => restores.length === 0 ? <Empty title="Nothing was restored yet" command="pivo restore execa --to ./execa"><p>A restore proves that a backup is worth something. Try one to an empty folder.</p></Empty> : (
            <Table label="Restores that ended" rows={restores} of={(row, i) => `${text(row, 'restore_id')} ${i}`} columns={[
              { title: 'Restore', cell: (row) => row['repo_name'] === null ? <a href={at(['jobs', `restore-all:${text(row, 'restore_id')}`])}>many</a> : <a href={at(['restores', text(row, 'restore_id')])}>{text(row, 'repo_name')}</a> },
              { title: 'Outcome', cell: (row) => <State of={text(row, 'outcome')} /> },
              { title: 'Point', minor: true, cell: (row) => shown(text(row, 'point')) },
              { title: 'Target', kind: 'wide', cell: (row) => <><span class="mono break">{shown(text(row, 'target'))}</span>{row['message'] !== null && <p class="small quiet">{shown(text(row, 'message'))}</p>}</> },
              { title: 'Asked by', minor: true, cell: (row) => shown(text(row, 'requested_by')) },
              { title: 'Approved by', minor: true, cell: (row) => shown(text(row, 'approved_by')) || '–' },
              { title: 'When', cell: (row) => <Time of={text(row, 'time')} /> },
            ]} />
          )}</Show>
        </Card>
      </div>
    </Page>
  );
}

function saying(each: Waiting): string {
  if (each.type === 'pipeline') return each.plan === null ? each.pipelineId : `a pipeline for ${each.plan.forge}: ${each.plan.files.map(({ path }) => path).join(', ')}`;
  if (each.type === 'ingest') return `${each.plan.origin}, as ${each.plan.repository}`;
  if (each.type === 'restore-all') return each.plan === null ? each.restoreId : `${each.plan.sums.ready} repositories at ${each.plan.at} → ${each.plan.target}`;
  return each.plan === null ? each.restoreId : `${each.plan.repository} at ${each.plan.point.asked} → ${each.plan.target}`;
}
