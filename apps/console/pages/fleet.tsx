// One fleet run: how it is, and what became of each repository, of one outcome or of all.
import type { JSX } from 'preact';
import type { FleetCounts, FleetItem, FleetOutcome } from '../../../contract/fleet.ts';
import type { FleetState } from '../../../operations/fleet-status.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, shown, size, when } from '../format.ts';
import { Card, Page } from '../parts/page.tsx';
import { Choice, chosen } from '../parts/spool.tsx';
import { Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State } from '../parts/words.tsx';
import { asked, at, here } from '../route.ts';

const LOOK_EVERY = 2000;
const STEP = 100;
const OUTCOMES = ['failed', 'held', 'done', 'unchanged', 'vanished', 'nothing'] as const satisfies FleetOutcome[];

export default function Fleet({ pieces: [fleet = ''] }: { pieces: string[] }): JSX.Element {
  const [outcome, after] = [chosen(OUTCOMES, asked('outcome')), asked('before')];
  const state = useLoad(`fleet ${fleet} ${outcome} ${after}`, (signal) => get<FleetState>(['fleets', fleet], { outcome, after, limit: STEP }, signal), { every: LOOK_EVERY, until: ({ run }) => run.status !== 'running' });
  return (
    <Page title={fleet} within={[{ label: 'Fleets', href: '/fleets' }]}>
      <Show of={state} lines={8}>{(found) => (
        <div class="stack">
          <Card><div class="pad stack">
            <p class="row" role="status"><State of={found.run.status} /><span>{countsText(found.counts)}</span></p>
            <Facts of={found} />
          </div></Card>
          <Card title="Repositories">
            <div class="card-head"><div class="row" role="search"><Choice name="outcome" label="Outcome" every="Every outcome" options={OUTCOMES} value={outcome} /></div></div>
            <Items of={found} first={after === ''} />
          </Card>
        </div>
      )}</Show>
    </Page>
  );
}

function countsText(counts: FleetCounts): string {
  const said = OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => `${count(counts[outcome])} ${outcome}`);
  return said.join(', ') || 'nothing yet';
}

function Facts({ of: { run, live } }: { of: FleetState }): JSX.Element {
  const { source, requestedBy, started, finished, report, failure } = run;
  return (
    <dl class="facts">
      <dt>Source</dt><dd><a href={`/fleets?source=${encodeURIComponent(source)}`}>{source}</a></dd>
      <dt>Asked for by</dt><dd>{shown(requestedBy)}</dd>
      <dt>Started</dt><dd>{when(started)}</dd>
      <dt>Ended</dt><dd>{finished === null ? 'not yet' : `${when(finished)}, after ${duration(Math.max(0, Date.parse(finished) - Date.parse(started)) / 1000)}`}</dd>
      {live !== null && <><dt>Now</dt><dd class="break">{live.state}{live.running.length > 0 && `: ${live.running.map(shown).join(', ')}`}</dd></>}
      {report !== null && <><dt>New</dt><dd>{size(report.newBytes)}{report.notDone > 0 && <span class="late"> {many(report.notDone, 'repository', 'repositories')} without a turn</span>}</dd></>}
      {report !== null && report.discoveryFailure !== null && <><dt>Forge</dt><dd class="late break">could not be asked: {shown(report.discoveryFailure.message)}</dd></>}
      {failure !== null && <><dt>Failure</dt><dd class="late break">{shown(failure.message)}</dd></>}
    </dl>
  );
}

const reasonOf = ({ failure, forgeData, outcome, holes }: FleetItem): string => {
  if (failure !== null) return failure.message;
  if (forgeData !== null) return `the forge's data: ${forgeData.message}`;
  if (outcome === 'held') return 'refs were destroyed upstream';
  return holes > 0 ? `${many(holes, 'thing')} missing at the origin` : '';
};

const isBackedUp = ({ outcome }: FleetItem): boolean => outcome !== 'failed' && outcome !== 'nothing';

function Items({ of: { items, next }, first }: { of: FleetState; first: boolean }): JSX.Element {
  if (items.length === 0) return <p class="pad quiet">No repository yet.</p>;
  return (
    <>
      <Table label="Repositories" rows={items} of={({ repository }) => repository} columns={[
        { title: 'Repository', kind: 'wide', cell: (item) => <>{isBackedUp(item) ? <a class="break" href={at(['repositories', item.repository])}>{item.repository}</a> : <span class="break">{item.repository}</span>}{reasonOf(item) !== '' && <p class="break late">{shown(reasonOf(item))}</p>}</> },
        { title: 'Outcome', cell: ({ outcome }) => <State of={outcome} /> },
        { title: 'Visit', kind: 'number', minor: true, cell: ({ visit }) => (visit === null ? '–' : count(visit)) },
        { title: 'New', kind: 'number', minor: true, cell: ({ newBytes }) => size(newBytes) },
        { title: 'Took', kind: 'number', minor: true, cell: ({ started, finished }) => (started === null ? '–' : duration(Math.max(0, Date.parse(finished) - Date.parse(started)) / 1000)) },
      ]} />
      {(!first || next !== null) && (
        <nav class="pager" aria-label="Pages">
          {first ? <span /> : <a class="button" href={here({ before: '' })}>← First</a>}
          {next === null ? <span /> : <a class="button" rel="next" href={here({ before: next })}>Next →</a>}
        </nav>
      )}
    </>
  );
}
