// Pipelines: what was proposed for which repository, what waits for a person, and how each ran.
import type { JSX } from 'preact';
import type { PipelineStatus } from '../../../contract/pipeline.ts';
import type { Pipelines as Found } from '../../../operations/pipelines.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { Elsewhere } from '../parts/elsewhere.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, at, go, here } from '../route.ts';

const LOOK_EVERY = 5000;
const MOST = 200;
const STATUSES: readonly PipelineStatus[] = ['generated', 'approved', 'committed', 'watched', 'rejected', 'expired', 'failed'];

export default function Pipelines(): JSX.Element {
  const [repository, status] = [asked('repository'), asked('status')];
  const found = useLoad(`pipelines ${repository} ${status}`, (signal) => get<Found>(['pipelines'], { repository, status, limit: MOST }, signal), { every: LOOK_EVERY });
  const filtered = repository !== '' || status !== '';
  return (
    <Page title="Pipelines" about="CI files that were proposed for what is backed up. Nothing is committed before a person approved the exact files." actions={<a class="button primary" href={at(['pipelines', 'new'], { repository })}>New pipeline</a>}>
      <Card title="Proposed" aside={<Filter repository={repository} status={status} />}>
        <Show of={found} lines={6}>{({ pipelines }) => pipelines.length === 0 ? <Nothing filtered={filtered} /> : (
          <Table label="Pipelines" rows={pipelines} of={({ id }) => id} columns={[
            { title: 'Repository', kind: 'wide', cell: ({ id, repository, files, failure }) => <><a href={at(['pipelines', id])}><strong>{repository}</strong></a><p class="small quiet break">{files.map(shown).join(', ')}</p>{failure !== null && <p class="small quiet break">{shown(failure)}</p>}</> },
            { title: 'Status', cell: ({ status, run }) => <span class="row"><State of={status} />{run !== null && <State of={run.state} />}</span> },
            { title: 'To', kind: 'wide', minor: true, cell: ({ forge, mergeRequest }) => <><span class="mono break">{shown(forge)}</span>{mergeRequest !== null && <p class="small"><Elsewhere href={mergeRequest}>Merge request</Elsewhere></p>}</> },
            { title: 'Asked by', minor: true, cell: ({ requestedBy }) => shown(requestedBy) },
            { title: 'Approved by', minor: true, cell: ({ approver }) => shown(approver ?? '–') },
            { title: 'When', cell: ({ created }) => <Time of={created} /> },
          ]} />
        )}</Show>
      </Card>
    </Page>
  );
}

function Filter({ repository, status }: { repository: string; status: string }): JSX.Element {
  return (
    <div class="row" role="search">
      <input class="filter" type="search" aria-label="Only of a repository" placeholder="Only of a repository" defaultValue={repository} onChange={(event) => go(here({ repository: event.currentTarget.value.trim() }))} />
      <select class="narrow" aria-label="Only of a status" value={status} onChange={(event) => go(here({ status: event.currentTarget.value }))}>
        <option value="">any status</option>
        {STATUSES.map((each) => <option key={each} value={each}>{each}</option>)}
      </select>
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <Empty title="No pipeline is like this"><a href={here({ repository: '', status: '' })}>Show all</a></Empty>;
  return <Empty title="No pipeline was proposed yet" command="pivo pipeline generate execa"><p>Ask for one here, in the chat, or at a terminal.</p></Empty>;
}
