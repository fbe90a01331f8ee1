// Backups that follow the push: what runs, waits and failed, the last that are done, and pushes that nobody asked to back up.
import type { JSX } from 'preact';
import type { PushBackup, PushesView } from '../../../contract/push.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, shown } from '../format.ts';
import { Card } from '../parts/page.tsx';
import { SpoolPage } from '../parts/spool.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { askedNumber, at, here } from '../route.ts';

const LOOK_EVERY = 3000;
const STEP = 50;
const MOST = 1000;

export default function Pushes(): JSX.Element {
  const limit = Math.min(MOST, askedNumber('limit', STEP));
  const pushes = useLoad(`pushes ${limit}`, (signal) => get<PushesView>(['pushes'], { limit }, signal), { every: LOOK_EVERY });
  return (
    <SpoolPage title="Pushes" about="Repositories that forges told of, on their way into the archive.">
      <Show of={pushes} lines={8}>{(view) => (
        <div class="stack">
          <dl class="figures">
            <div class="figure"><dt>Running</dt><dd>{count(view.running)} <small>of {count(view.atOnce)} at once</small></dd></div>
            <div class="figure"><dt>Waiting</dt><dd>{count(view.waiting)}</dd></div>
            <div class="figure"><dt>Failed</dt><dd class={view.failed > 0 ? 'late' : undefined}>{count(view.failed)}</dd></div>
            <div class="figure"><dt>At most once in</dt><dd>{duration(view.every)} <small>a repository</small></dd></div>
          </dl>
          {[view.backups, view.done, view.ignored].every((list) => list.length === 0) && <Card><Empty title="No forge has told of a push yet"><p>Add a <code>[[webhooks]]</code> table to config.toml, start PIVO again, and give the forge the address <code class="break">{location.origin}/api/v1/webhooks/NAME</code>.</p></Empty></Card>}
          {view.backups.length > 0 && <Backups of={view.backups} />}
          {view.done.length > 0 && <Done of={view.done} />}
          {view.ignored.length > 0 && <Ignored of={view.ignored} />}
          {[view.backups, view.done, view.ignored].some((list) => list.length === limit) && limit < MOST && <p><a class="button" href={here({ limit: Math.min(MOST, limit * 4) })}>Show more</a></p>}
        </div>
      )}</Show>
    </SpoolPage>
  );
}

const repositoryPage = (repository: string): JSX.Element => <a href={at(['repositories', repository])}><strong>{repository}</strong></a>;

function Backups({ of }: { of: readonly PushBackup[] }): JSX.Element {
  return (
    <Card title="Asked for">
      <Table label="Backups that pushes asked for" rows={of} of={({ origin }) => origin} columns={[
        { title: 'Repository', kind: 'wide', cell: ({ repository, origin, ...rest }) => <>{repository === null ? <span class="break">{shown(origin)}</span> : repositoryPage(repository)}{repository !== null && <p class="quiet small minor break">{shown(origin)}</p>}<Trouble of={rest} /></> },
        { title: 'State', cell: ({ state }) => <State of={state} /> },
        { title: 'Pushes', kind: 'number', minor: true, cell: ({ pushes }) => count(pushes) },
        { title: 'First push', cell: ({ first }) => <Time of={first} /> },
        { title: 'Due', minor: true, cell: ({ due }) => <Time of={due} /> },
      ]} />
    </Card>
  );
}

function Trouble({ of: { state, attempts, failure } }: { of: Pick<PushBackup, 'state' | 'attempts' | 'failure'> }): JSX.Element | null {
  if (failure === null) return null;
  return (
    <>
      <p class="break late">{shown(failure.message)}</p>
      <p class="small break">{failure.hint === undefined ? '' : `${shown(failure.hint)} `}{state === 'failed' ? `Given up after ${many(attempts, 'attempt')}; the next push tries again.` : `${many(attempts, 'attempt')} failed; it is tried again.`}</p>
    </>
  );
}

function Done({ of }: { of: PushesView['done'] }): JSX.Element {
  return (
    <Card title="Done">
      <Table label="Backups that pushes started and that are done" rows={of} of={({ repository, visit }) => `${repository} ${visit}`} columns={[
        { title: 'Repository', kind: 'wide', cell: ({ repository, time }) => <>{repositoryPage(repository)}<p class="quiet small phone"><Time of={time} /></p></> },
        { title: 'Visit', kind: 'number', cell: ({ repository, visit }) => <a href={at(['repositories', repository], { visit })}>{count(visit)}</a> },
        { title: 'Pushes', kind: 'number', minor: true, cell: ({ pushes }) => count(pushes) },
        { title: 'Push to visit', kind: 'number', cell: ({ seconds }) => duration(seconds) },
        { title: 'When', minor: true, cell: ({ time }) => <Time of={time} /> },
      ]} />
    </Card>
  );
}

function Ignored({ of }: { of: PushesView['ignored'] }): JSX.Element {
  return (
    <Card title="Not backed up">
      <p class="told">Nobody asked for these repositories: they are not in the archive, and no prefix of their webhook’s <code>origins</code> fits. Back one up once, or add a prefix.</p>
      <Table label="Pushes that nobody asked to back up" rows={of} of={({ source, repository }) => `${source} ${repository}`} columns={[
        { title: 'Repository', kind: 'wide', cell: ({ repository }) => <span class="break">{shown(repository)}</span> },
        { title: 'Webhook', minor: true, cell: ({ source }) => shown(source) },
        { title: 'Pushes', kind: 'number', cell: ({ count: pushes }) => count(pushes) },
        { title: 'Last', cell: ({ last }) => <Time of={last} /> },
      ]} />
    </Card>
  );
}
