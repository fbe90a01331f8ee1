// Overview: what is protected, what goes on, what waits for a person, problems first.
import type { JSX } from 'preact';
import type { Overview as State, Protection } from '../../../operations/overview.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { rows, text } from '../api/sql.ts';
import { count, many, shown, size } from '../format.ts';
import { Card, Page, Pager } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Badge, Time } from '../parts/words.tsx';
import { Running } from '../parts/running.tsx';
import { WaitingPlans } from '../parts/waiting.tsx';
import { Charts } from '../parts/charts.tsx';
import { asked, askedNumber, at, go, here } from '../route.ts';
import { arranged, problemsOf } from './protection.ts';

const LOOK_EVERY = 10_000;
const PROOFS_EVERY = 60_000;
const SHOWN = 50;

export default function Overview(): JSX.Element {
  const state = useLoad('overview', (signal) => get<State>(['overview'], {}, signal), { every: LOOK_EVERY });
  const proofs = useLoad('proofs', (signal) => rows("SELECT repo_name, max(time) AS time FROM restores WHERE outcome = 'done' GROUP BY repo_name", { limit: 100_000, signal }), { every: PROOFS_EVERY });
  const proven = new Map((proofs.data ?? []).map((row) => [text(row, 'repo_name'), text(row, 'time')]));
  const waiting = state.data?.waiting ?? [];
  const running = (state.data?.running ?? []).filter(({ workflowId }) => waiting.every((each) => each.workflowId !== workflowId));
  return (
    <Page title="Overview" about="What is protected, what goes on, and what waits for you." actions={<a class="button primary" href="/ingest">Back up a repository</a>}>
      <div class="stack">
        <Figures of={state.data} running={running.length} />
        {state.data?.running === null && <p class="note warn"><strong>Temporal does not answer.</strong> <span>What is archived can be read; runs and approvals cannot be told. See <a href="/health">Health</a>.</span></p>}
        <Waiting waiting={waiting} />
        <Running jobs={running} onEnd={state.reload} />
        <Card title="Repositories" aside={<Filter search={asked('search')} order={asked('order')} />}>
          <Show of={state} lines={6}>{({ repositories }) => <Repositories all={repositories.map((each) => ({ ...each, proven: each.proven ?? proven.get(each.repository) ?? null }))} />}</Show>
        </Card>
        {(state.data?.repositories.length ?? 0) > 0 && <Charts ended={running.map(({ runId }) => runId).join()} />}
      </div>
    </Page>
  );
}

function Figures({ of, running }: { of: State | undefined; running: number }): JSX.Element {
  const figure = (label: string, value: string | undefined): JSX.Element => <div class="figure"><dt>{label}</dt><dd>{value ?? '–'}</dd></div>;
  const known = of?.repositories;
  return (
    <dl class="figures">
      {figure('Repositories', known && count(known.length))}
      {figure('With problems', known && count(known.filter((each) => problemsOf(each).length > 0).length))}
      {figure('Archive', known && size(known.reduce((sum, { packBytes }) => sum + packBytes, 0)))}
      {figure('Running', of?.running == null ? undefined : count(running))}
      {figure('Waiting for you', of?.waiting?.length.toString())}
    </dl>
  );
}

function Waiting({ waiting }: { waiting: NonNullable<State['waiting']> }): JSX.Element | null {
  if (waiting.length === 0) return null;
  return (
    <Card title="Waits for approval">
      <WaitingPlans plans={waiting.map((each) => ({ ...each, what: `${each.repository ?? each.id}${each.type === 'restore' ? ` → ${each.target ?? ''}` : ''}` }))} />
    </Card>
  );
}

const ORDERS = [['', 'Problems first'], ['name', 'Name'], ['visit', 'Last visit'], ['size', 'Size'], ['growth', 'Growth']] as const;

function Filter({ search, order }: { search: string; order: string }): JSX.Element {
  return (
    <div class="row" role="search">
      <input class="filter" type="search" aria-label="Find a repository" placeholder="Find a repository" value={search} onInput={(event) => go(here({ search: event.currentTarget.value.trim(), skip: '' }), { replace: true })} />
      <select class="narrow" aria-label="Order" value={order} onChange={(event) => go(here({ order: event.currentTarget.value, skip: '' }))}>
        {ORDERS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </div>
  );
}

function Repositories({ all }: { all: readonly Protection[] }): JSX.Element {
  const [search, skip] = [asked('search'), askedNumber('skip', 0)];
  const found = arranged(all, search, asked('order'));
  const page = found.slice(skip, skip + SHOWN);
  if (all.length === 0) return <Empty title="Nothing is backed up yet" command="pivo ingest https://github.com/sindresorhus/execa.git"><p>Give the address of a repository: here, or at a terminal.</p><a class="button primary" href="/ingest">Back up the first one</a></Empty>;
  if (found.length === 0) return <Empty title={`No repository has “${search}” in its name`}><a href={here({ search: '' })}>Show all</a></Empty>;
  return (
    <>
      <Table label="Repositories" rows={page} of={({ repository }) => repository} columns={[
        { title: 'Repository', kind: 'wide', cell: ({ repository, origin, time }) => <><a href={at(['repositories', repository])}><strong>{repository}</strong></a><p class="quiet small minor break">{shown(origin)}</p><p class="quiet small phone"><Time of={time} /></p></> },
        { title: 'Protection', cell: (each) => <Verdict of={each} /> },
        { title: 'Last visit', minor: true, cell: ({ time }) => <Time of={time} /> },
        { title: 'Last proven restorable', minor: true, cell: ({ proven }) => (proven === null ? <span class="quiet">never</span> : <Time of={proven} />) },
        { title: 'Refs', kind: 'number', minor: true, cell: ({ refs }) => count(refs) },
        { title: 'Size', kind: 'number', minor: true, cell: ({ packBytes }) => size(packBytes) },
        { title: 'Growth', kind: 'number', minor: true, cell: ({ growth }) => <span title={`in ${many(growth.visits, 'visit')}`}>+{size(growth.bytes)}</span> },
      ]} />
      <Pager skip={skip} shown={page.length} step={SHOWN} total={found.length} more={skip + page.length < found.length} />
    </>
  );
}

function Verdict({ of }: { of: Protection }): JSX.Element {
  const problems = problemsOf(of);
  if (problems.length === 0) return <Badge tone="good">protected</Badge>;
  return <span class="row">{problems.map(({ word, tone }) => <Badge key={word} tone={tone}>{word}</Badge>)}</span>;
}
