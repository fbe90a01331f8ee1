// Health: each part's state, how far the index is, and the latest runs with their pages in Temporal.
import type { JSX } from 'preact';
import type { Health } from '../../../operations/health.ts';
import type { Job } from '../../../operations/jobs.ts';
import type { ProcessStatus, StackStatus } from '../../../stack/status.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, shown, size } from '../format.ts';
import { Card, Page } from '../parts/page.tsx';
import { RunLink, useHealth } from '../parts/run-link.tsx';
import { pageOfRun } from '../parts/running.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';

const LOOK_EVERY = 5000;

export default function HealthPage(): JSX.Element {
  const health = useHealth(LOOK_EVERY);
  const jobs = useLoad('latest jobs', (signal) => get<Job[]>(['jobs'], { limit: 30 }, signal), { every: LOOK_EVERY });
  return (
    <Page title="Health" about="What runs, and how far it is." actions={health.data?.temporal.ui == null ? undefined : <a class="button" href={health.data.temporal.ui} target="_blank" rel="noreferrer noopener">Temporal’s own pages</a>}>
      <div class="stack">
        <Card title="Parts"><Show of={health} lines={6}>{(status) => <Parts of={status} />}</Show></Card>
        {(health.data?.checks.length ?? 0) > 0 && <Card title="What comes in, and who is told" aside={<a class="small" href="/spool">The spool</a>}><Checks of={health.data?.checks ?? []} /></Card>}
        <Card title="Latest runs">
          <Show of={jobs}>{(found) => found.length === 0 ? <Empty title="Nothing has run yet" command="pivo ingest URL" /> : (
            <Table label="Latest runs" rows={found} of={({ runId }) => runId} columns={[
              { title: 'Run', kind: 'wide', cell: ({ workflowId }) => <a class="break" href={pageOfRun(workflowId)}>{workflowId}</a> },
              { title: 'State', cell: ({ state }) => <State of={state} /> },
              { title: 'Started', cell: ({ started }) => <Time of={started} /> },
              { title: 'Took', kind: 'number', minor: true, cell: ({ started, ended }) => (ended === null ? '–' : duration((Date.parse(ended) - Date.parse(started)) / 1000)) },
              { title: 'Temporal', minor: true, cell: ({ workflowId, runId }) => <RunLink workflow={workflowId} run={runId} temporal={health.data?.temporal} /> },
            ]} />
          )}</Show>
        </Card>
      </div>
    </Page>
  );
}

function Checks({ of }: { of: Health['checks'] }): JSX.Element {
  return <Table label="What comes in, and who is told" rows={of} of={({ name, found }) => `${name} ${found}`} columns={[
    { title: 'Part', cell: ({ name }) => <strong>{name}</strong> },
    { title: 'State', cell: ({ state }) => <State of={state} /> },
    { title: 'Found', kind: 'wide', cell: ({ found, advice }) => <><span class="break">{shown(found)}</span>{advice !== undefined && <p class="small break">{shown(advice)}</p>}</> },
  ]} />;
}

interface Part {
  name: string;
  state: string;
  where: string;
  more: string;
}

const processOf = ({ pid, restarts, lastExit }: ProcessStatus): string => [pid === null ? '' : `process ${pid}`, restarts > 0 ? many(restarts, 'restart') : '', lastExit ?? ''].filter((part) => part !== '').join(', ');

function Parts({ of: { temporal, worker, metadata, server, index, store, events } }: { of: StackStatus }): JSX.Element {
  const lag = index.lag === null ? '' : index.lag === 0 ? 'up to date' : `${count(index.lag)} events behind`;
  const parts: Part[] = [
    { name: 'Temporal', state: temporal.state, where: temporal.address ?? '', more: temporal.external ? `namespace ${temporal.namespace}, not PIVO’s own` : processOf(temporal) },
    { name: 'Worker', state: worker.state, where: '', more: processOf(worker) },
    { name: 'Metadata service', state: metadata.state, where: '', more: processOf(metadata) },
    { name: 'Server', state: server.state, where: location.host, more: processOf(server) },
    { name: 'Archive', state: store.state, where: store.url, more: '' },
    { name: 'Event log', state: events.state, where: events.url, more: '' },
    { name: 'Index', state: index.state, where: '', more: [lag, size(index.bytes), index.reason ?? ''].filter((part) => part !== '').join(', ') },
  ];
  return <Table label="Parts" rows={parts} of={({ name }) => name} columns={[
    { title: 'Part', cell: ({ name }) => <strong>{name}</strong> },
    { title: 'State', cell: ({ state }) => <State of={state} /> },
    { title: 'Where', kind: 'wide', minor: true, cell: ({ where }) => <span class="mono break">{where}</span> },
    { title: 'More', cell: ({ more }) => <span class="quiet small">{more}</span> },
  ]} />;
}
