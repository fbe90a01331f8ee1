// Batches: what each opening of a spool gate took into the records, the newest first.
import type { JSX } from 'preact';
import type { SpoolBatch, SpoolKind } from '../../../contract/spool.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, size } from '../format.ts';
import { Card } from '../parts/page.tsx';
import { Choice, SpoolPage, chosen, tookOf } from '../parts/spool.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, at, here } from '../route.ts';

const LOOK_EVERY = 5000;
const STEP = 50;
const KINDS = ['push', 'event', 'metric'] as const satisfies SpoolKind[];
const STATUSES = ['open', 'done', 'failed'] as const satisfies SpoolBatch['status'][];

export default function Batches(): JSX.Element {
  const [kind, status, before] = [chosen(KINDS, asked('kind')), chosen(STATUSES, asked('status')), asked('before')];
  const batches = useLoad(`batches ${kind} ${status} ${before}`, (signal) => get<SpoolBatch[]>(['spool-batches'], { kind, status, before, limit: STEP + 1 }, signal), before === '' ? { every: LOOK_EVERY } : {});
  return (
    <SpoolPage title="Batches" about="What the spool gates took into the records; the newest first.">
      <Card>
        <div class="card-head"><div class="row" role="search">
          <Choice name="kind" label="Kind" every="Every kind" options={KINDS} value={kind} />
          <Choice name="status" label="Status" every="Every status" options={STATUSES} value={status} />
        </div></div>
        <Show of={batches} lines={8}>{(found) => found.length === 0 ? <Empty title={kind === '' && status === '' && before === '' ? 'No batch was taken yet' : 'No batch fits'} command="pivo spool put event events.ndjson" /> : (
          <>
            <Table label="Batches" rows={found.slice(0, STEP)} of={({ tag }) => tag} columns={[
              { title: 'Batch', kind: 'wide', cell: ({ tag, opened }) => <><a class="mono break" href={at(['spool', 'batches', tag])}>{tag}</a><p class="quiet small phone"><Time of={opened} /></p></> },
              { title: 'Status', cell: ({ status }) => <State of={status} /> },
              { title: 'Opened by', minor: true, cell: ({ reason }) => reason },
              { title: 'Records', kind: 'number', cell: ({ records }) => count(records) },
              { title: 'Duplicates', kind: 'number', minor: true, cell: ({ duplicates }) => count(duplicates) },
              { title: 'Segments', kind: 'number', minor: true, cell: ({ segments, failed }) => <>{count(segments)}{failed > 0 && <span class="late"> {count(failed)} failed</span>}</> },
              { title: 'Size', kind: 'number', minor: true, cell: ({ bytes }) => size(bytes) },
              { title: 'Opened', minor: true, cell: ({ opened }) => <Time of={opened} /> },
              { title: 'Took', kind: 'number', minor: true, cell: tookOf },
            ]} />
            <Paging first={before === ''} next={found.length > STEP ? found[STEP - 1]?.tag : undefined} />
          </>
        )}</Show>
      </Card>
    </SpoolPage>
  );
}

/** New batches come all the time: a page begins behind a batch, not at a number. */
function Paging({ first, next }: { first: boolean; next: string | undefined }): JSX.Element | null {
  if (first && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {first ? <span /> : <a class="button" href={here({ before: '' })}>← Newest</a>}
      {next === undefined ? <span /> : <a class="button" rel="next" href={here({ before: next })}>Older →</a>}
    </nav>
  );
}
