// One batch: what opened its gate, what it stored, and what became of each segment.
import type { JSX } from 'preact';
import type { BatchOfSegments } from '../../../operations/batches.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, shown, size, when } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Card, Page, Pager } from '../parts/page.tsx';
import { tookOf } from '../parts/spool.tsx';
import { Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State } from '../parts/words.tsx';
import { askedNumber } from '../route.ts';

const LOOK_EVERY = 2000;
const SHOWN = 100;

const REASONS: Record<BatchOfSegments['reason'], string> = {
  records: 'enough records waited', bytes: 'enough bytes waited', seconds: 'the oldest had waited long enough', left: 'a run before had left it', replay: 'somebody asked for it again',
};

export default function Batch({ pieces: [tag = ''] }: { pieces: string[] }): JSX.Element {
  const batch = useLoad(`batch ${tag}`, (signal) => get<BatchOfSegments>(['spool-batches', tag], {}, signal), { every: LOOK_EVERY, until: ({ status }) => status !== 'open' });
  return (
    <Page title={tag} within={[{ label: 'Spool', href: '/spool' }, { label: 'Batches', href: '/spool/batches' }]}>
      <Show of={batch} lines={8}>{(found) => (
        <div class="stack">
          <Card><div class="pad stack">
            <p class="row" role="status"><State of={found.status} />{found.status === 'failed' && <span>{found.failed === found.segments ? 'No segment could be stored' : `${count(found.failed)} of ${count(found.segments)} segments failed; the others are stored`}</span>}</p>
            <Facts of={found} />
            {found.status !== 'open' && found.failed < found.segments && <div class="stack"><p class="quiet small">Its archived segments can be stored again, such as into a new database. What is there already is counted and never stored twice.</p><Command text={`pivo spool replay --batch ${tag}`} label="Store it again" /></div>}
          </div></Card>
          <Segments of={found} />
        </div>
      )}</Show>
    </Page>
  );
}

function Facts({ of }: { of: BatchOfSegments }): JSX.Element {
  const { kind, reason, opened, finished, segments, records, duplicates, bytes } = of;
  return (
    <dl class="facts">
      <dt>Kind</dt><dd>{kind}</dd>
      <dt>Opened</dt><dd>{when(opened)}: {REASONS[reason]}</dd>
      <dt>Finished</dt><dd>{finished === null ? 'not yet' : `${when(finished)}, after ${tookOf(of)}`}</dd>
      <dt>Segments</dt><dd>{count(segments)}, {size(bytes)}</dd>
      <dt>Records</dt><dd>{count(records)} stored, {count(duplicates)} were there already</dd>
    </dl>
  );
}

function Segments({ of: { ends } }: { of: BatchOfSegments }): JSX.Element {
  const skip = askedNumber('skip', 0);
  const ordered = ends.toSorted((a, b) => Number(b.failure !== null) - Number(a.failure !== null));
  const page = ordered.slice(skip, skip + SHOWN);
  return (
    <Card title="Segments">
      {ends.length === 0 ? <p class="pad quiet">None is stored yet.</p> : (
        <>
          <Table label="Segments" rows={page} of={({ name }) => name} columns={[
            { title: 'Segment', kind: 'wide', cell: ({ name, failure }) => <><span class="mono break">{shown(name)}</span>{failure !== null && <p class="break late">{shown(failure)}</p>}</> },
            { title: 'State', cell: ({ failure }) => <State of={failure === null ? 'stored' : 'failed'} /> },
            { title: 'Records', kind: 'number', cell: ({ records }) => count(records) },
            { title: 'Duplicates', kind: 'number', minor: true, cell: ({ duplicates }) => count(duplicates) },
            { title: 'Size', kind: 'number', minor: true, cell: ({ bytes }) => size(bytes) },
          ]} />
          <Pager skip={skip} shown={page.length} step={SHOWN} total={ends.length} more={skip + page.length < ends.length} />
        </>
      )}
    </Card>
  );
}
