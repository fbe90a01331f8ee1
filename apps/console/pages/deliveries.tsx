// Notifications: who is told of what, what became of each, and sending again what was given up.
import type { JSX } from 'preact';
import type { Delivery, DeliveryAttempt, DeliveryStatus } from '../../../contract/notification.ts';
import type { Deliveries } from '../../../operations/deliveries.ts';
import type { TargetState } from '../../../operations/notify-targets.ts';
import { get, post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, many, shown, when } from '../format.ts';
import { useAct } from '../parts/form.tsx';
import { Card } from '../parts/page.tsx';
import { Choice, SpoolPage, chosen } from '../parts/spool.tsx';
import { Empty, Failure, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, askedNumber, at, here } from '../route.ts';
import { token } from '../session.ts';

const LOOK_EVERY = 5000;
const STEP = 50;
const MOST = 1000;
const STATUSES = ['pending', 'delivered', 'dead'] as const satisfies DeliveryStatus[];

export default function DeliveriesPage(): JSX.Element {
  const [target, status, limit] = [asked('target'), chosen(STATUSES, asked('status')), Math.min(MOST, askedNumber('limit', STEP))];
  const targets = useLoad('notify targets', (signal) => get<TargetState[]>(['notifications', 'targets'], {}, signal));
  const deliveries = useLoad(`deliveries ${target} ${status} ${limit}`, (signal) => get<Deliveries>(['notifications', 'deliveries'], { target, status, limit }, signal), { every: LOOK_EVERY });
  const act = useAct();
  const retry = token.value === null ? null : (what: object): void => void act.run(async () => (await post(['notifications', 'retry'], what), deliveries.reload()));
  return (
    <SpoolPage title="Notifications" about="What other systems were told, every attempt, and what was given up.">
      {act.failure !== null && <Failure of={act.failure} />}
      <Problems of={targets.data ?? []} />
      <Card>
        <div class="card-head"><div class="row" role="search">
          <Choice name="target" label="Target" every="Every target" options={namesOf(targets.data, deliveries.data, target)} value={target} />
          <Choice name="status" label="Status" every="Every status" options={STATUSES} value={status} />
        </div>{deliveries.data !== undefined && <Counts of={deliveries.data.counts} target={target} retry={retry} busy={act.busy} />}</div>
        <Show of={deliveries} lines={8}>{({ deliveries: found, counts }) => found.length === 0 ? <Nothing none={counts.length === 0} targets={targets.data} /> : (
          <>
            <Table label="Deliveries" rows={found} of={({ id }) => id} columns={[
              { title: 'Event', kind: 'wide', cell: (each) => <What of={each} /> },
              { title: 'Target', minor: true, cell: ({ target }) => <span class="break">{target}</span> },
              { title: 'Status', cell: ({ id, status, key, target }) => <span class="row"><State of={status} />{status === 'dead' && retry !== null && <button type="button" disabled={act.busy} aria-label={`Send again: ${shown(key)} to ${target}`} onClick={() => retry({ id })}>Send again</button>}</span> },
              { title: 'Answer', kind: 'number', minor: true, cell: ({ answer }) => answer ?? '–' },
              { title: 'When', minor: true, cell: ({ created }) => <Time of={created} /> },
            ]} />
            {found.length === limit && limit < MOST && <p class="pad"><a class="button" href={here({ limit: Math.min(MOST, limit * 4) })}>Show more</a></p>}
          </>
        )}</Show>
      </Card>
    </SpoolPage>
  );
}

/** Those that are configured, those that were, and the one that is asked for. */
const namesOf = (targets: readonly TargetState[] | undefined, deliveries: Deliveries | undefined, asked: string): string[] =>
  [...new Set([...(targets ?? []).map(({ target }) => target), ...(deliveries?.counts ?? []).map(({ target }) => target), ...(asked === '' ? [] : [asked])])].toSorted();

function Problems({ of }: { of: readonly TargetState[] }): JSX.Element | null {
  const wrong = of.filter(({ problem }) => problem !== null);
  if (wrong.length === 0) return null;
  return <>{wrong.map(({ target, problem }) => <div key={target} class="note bad"><strong>{target} cannot be told of anything: {shown(problem?.message ?? '')}</strong>{problem?.hint != null && <span>{shown(problem.hint)}</span>}</div>)}</>;
}

function Counts({ of, target, retry, busy }: { of: Deliveries['counts']; target: string; retry: ((what: object) => void) | null; busy: boolean }): JSX.Element {
  const meant = of.filter((each) => target === '' || each.target === target);
  const number = (status: DeliveryStatus): number => meant.reduce((sum, each) => sum + (each.status === status ? each.deliveries : 0), 0);
  const dead = number('dead');
  return (
    <div class="row">
      <span class="quiet small">{count(number('pending'))} wait, {count(number('delivered'))} delivered, {count(dead)} given up</span>
      {dead > 0 && retry !== null && <button type="button" disabled={busy} onClick={() => retry({ allDead: true, ...(target === '' ? {} : { target }) })}>Send all again</button>}
      {dead > 0 && retry === null && <span class="quiet small">An operator’s token sends them again.</span>}
    </div>
  );
}

function What({ of: { event, key, target, repository, failure, tried, created } }: { of: Delivery & { tried: DeliveryAttempt[] } }): JSX.Element {
  return (
    <>
      <strong>{event}</strong>{repository !== null && <> <a href={at(['repositories', repository])}>{repository}</a></>}
      <p class="quiet small break">{shown(key)}</p>
      <p class="quiet small phone">to {target}, <Time of={created} /></p>
      {failure !== null && <p class="small break late">{shown(failure)}</p>}
      {tried.length > 0 && <details><summary class="small">{many(tried.length, 'attempt')}</summary><ol class="small attempts">{tried.map(({ number, time, milliseconds, answer, failure }) => <li key={number} class="break">{count(number)}. {when(time)}, {count(milliseconds)} ms: {failure === null ? `answered ${answer ?? ''}` : shown(failure)}</li>)}</ol></details>}
    </>
  );
}

function Nothing({ none, targets }: { none: boolean; targets: readonly TargetState[] | undefined }): JSX.Element {
  if (!none) return <Empty title="No delivery fits"><a href={here({ target: '', status: '' })}>Show all</a></Empty>;
  if (targets?.length === 0) return <Empty title="Nobody is told of anything"><p>Add a <code>[[notify]]</code> table with <code>name</code> and <code>url</code> to config.toml, and start PIVO again.</p></Empty>;
  return <Empty title="Nothing was told yet" command="pivo notify test" />;
}
