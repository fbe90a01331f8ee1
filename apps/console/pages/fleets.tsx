// Fleets: the runs that backed up whole sources, the newest first.
import type { JSX } from 'preact';
import type { FleetEntryOfList } from '../../../operations/fleet-status.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration } from '../format.ts';
import { Card, Page } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, at } from '../route.ts';

const LOOK_EVERY = 5000;
const MOST = 200;

export default function Fleets(): JSX.Element {
  const source = asked('source');
  const runs = useLoad(`fleets ${source}`, (signal) => get<FleetEntryOfList[]>(['fleets'], { source, limit: MOST }, signal), { every: LOOK_EVERY });
  return (
    <Page title="Fleets" about="Runs that backed up every repository of a source; the newest first.">
      <Card>
        <Show of={runs} lines={8}>{(found) => found.length === 0 ? <Empty title="No source was backed up yet" command="pivo fleet run SOURCE" /> : (
          <Table label="Fleet runs" rows={found} of={({ fleetId }) => fleetId} columns={[
            { title: 'Run', kind: 'wide', cell: ({ fleetId, started }) => <><a class="mono break" href={at(['fleets', fleetId])}>{fleetId}</a><p class="quiet small phone"><Time of={started} /></p></> },
            { title: 'Status', cell: ({ status }) => <State of={status} /> },
            { title: 'Backed up', kind: 'number', cell: ({ counts }) => count(counts.done) },
            { title: 'Unchanged', kind: 'number', minor: true, cell: ({ counts }) => count(counts.unchanged) },
            { title: 'Held', kind: 'number', minor: true, cell: ({ counts: { held } }) => <span class={held > 0 ? 'late' : ''}>{count(held)}</span> },
            { title: 'Failed', kind: 'number', cell: ({ counts: { failed } }) => <span class={failed > 0 ? 'late' : ''}>{count(failed)}</span> },
            { title: 'Started', minor: true, cell: ({ started }) => <Time of={started} /> },
            { title: 'Took', kind: 'number', minor: true, cell: ({ started, finished }) => (finished === null ? '–' : duration(Math.max(0, Date.parse(finished) - Date.parse(started)) / 1000)) },
          ]} />
        )}</Show>
      </Card>
    </Page>
  );
}
