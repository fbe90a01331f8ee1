// A repository's visits in time: what each brought, and what a force-push or a deletion took away.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { VisitList, VisitState } from '../../../operations/visits.ts';
import type { IngestStarted } from '../../../operations/ingest.ts';
import { get, post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { number, rows, sqlText } from '../api/sql.ts';
import { count, many, size, when } from '../format.ts';
import { Card, Pager } from '../parts/page.tsx';
import { useAct } from '../parts/form.tsx';
import { CloneCommand, RepositoryPage } from '../parts/repository.tsx';
import { Failure, Show } from '../parts/state.tsx';
import { Badge, Id, State, Time } from '../parts/words.tsx';
import { askedNumber, at, go, here } from '../route.ts';
import { lazyPart } from '../parts/lazy.tsx';

const STEP = 50;
const Brought = lazyPart(() => import('../parts/brought.tsx'), 3);

export default function TimeLine({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const skip = askedNumber('skip', 0);
  const visits = useLoad(`visits ${repository} ${skip}`, (signal) => get<VisitList>(['repositories', repository, 'visits'], { limit: STEP, skip }, signal));
  const [newest, oldest] = [visits.data?.visits[0]?.seq, visits.data?.visits.at(-1)?.seq];
  const brought = useLoad(newest === undefined ? '' : `brought ${repository} ${newest} ${oldest}`, (signal) => newCommits(repository, oldest ?? 0, newest ?? 0, signal));
  const latest = visits.data?.visits[0];
  const act = useAct();
  const again = (): void => void act.run(async () => go(at(['jobs', (await post<IngestStarted>(['repositories', repository, 'ingests'])).workflowId])));
  return (
    <RepositoryPage repository={repository} part="" about={latest?.origin}>
      {act.failure !== null && <Failure of={act.failure} />}
      <Card title="Clone the latest state" aside={<button type="button" disabled={act.busy} onClick={again}>Back up now</button>}><div class="pad"><CloneCommand repository={repository} point="" /></div></Card>
      <Card title="Visits" aside={visits.data === undefined ? undefined : <span class="quiet">{many(visits.data.total, 'backup run')}</span>}>
        <Show of={visits} lines={8}>{({ visits, total }) => (
          <>
            <ol class="line">{visits.map((visit) => <Visit key={visit.seq} repository={repository} visit={visit} commits={brought.data?.get(visit.seq)} />)}</ol>
            <Pager skip={skip} shown={visits.length} step={STEP} total={total} more={skip + visits.length < total} />
          </>
        )}</Show>
      </Card>
    </RepositoryPage>
  );
}

async function newCommits(repository: string, from: number, to: number, signal: AbortSignal): Promise<Map<number, number>> {
  const found = await rows(`SELECT visit, count(*) AS commits FROM commits WHERE repo_name = ${sqlText(repository)} AND visit BETWEEN ${from} AND ${to} GROUP BY visit`, { signal });
  return new Map(found.map((row) => [number(row, 'visit'), number(row, 'commits')]));
}

function Visit({ repository, visit, commits }: { repository: string; visit: VisitState; commits: number | undefined }): JSX.Element {
  const open = askedNumber('visit', 0) === visit.seq;
  const { changes } = visit;
  const bad = changes.forced + changes.deleted > 0;
  return (
    <li class={bad ? 'bad' : visit.outcome === 'unchanged' ? 'same' : ''} id={`visit-${visit.seq}`}>
      <div class="row apart">
        <span class="row">
          <a href={here({ visit: open ? '' : visit.seq })} aria-expanded={open} class="visit-name"><strong>Visit {visit.seq}</strong></a>
          <State of={visit.outcome} />
          {commits !== undefined && commits > 0 && <Badge tone="plain">{many(commits, 'new commit')}</Badge>}
          {changes.created > 0 && <Badge tone="good">{many(changes.created, 'ref')} created</Badge>}
          {changes.updated - changes.forced > 0 && <Badge tone="plain">{many(changes.updated - changes.forced, 'ref')} moved</Badge>}
          {changes.forced > 0 && <Badge tone="bad">{many(changes.forced, 'ref')} forced</Badge>}
          {changes.deleted > 0 && <Badge tone="bad">{many(changes.deleted, 'ref')} deleted</Badge>}
          {visit.holes.length > 0 && <Badge tone="warn">{many(visit.holes.length, 'hole')}</Badge>}
        </span>
        <span class="quiet small"><Time of={visit.time} />{visit.newBytes > 0 && ` · ${size(visit.newBytes)}`}</span>
      </div>
      {open && <VisitDetails repository={repository} visit={visit} />}
    </li>
  );
}

function VisitDetails({ repository, visit }: { repository: string; visit: VisitState }): JSX.Element {
  const moment = { at: visit.time };
  const [clone, setClone] = useState(false);
  return (
    <div class="stack details">
      <dl class="facts">
        <dt>Time</dt><dd>{when(visit.time)} <code>{visit.time}</code></dd>
        <dt>Snapshot</dt><dd class="break"><code>{visit.snapshot}</code></dd>
        <dt>HEAD</dt><dd><Id of={visit.head} {...(visit.head === null ? {} : { href: at(['repositories', repository, 'commits', visit.head]) })} /></dd>
        <dt>Packs</dt><dd>{count(visit.packs)} in all, {count(visit.newPacks.length)} new</dd>
        <dt>Checkout</dt><dd class="break">{visit.checkout.path === undefined ? visit.checkout.reason : <code>{visit.checkout.path}</code>}</dd>
        <dt>Run</dt><dd><code>{visit.workflow.id}</code></dd>
      </dl>
      <Brought repository={repository} visit={visit.seq} />
      {visit.holes.length > 0 && <div class="note warn"><strong>The origin lacks these:</strong><ul>{visit.holes.slice(0, 50).map(({ ref, oid, reason }, i) => <li key={i}><code>{ref ?? oid ?? ''}</code> {reason}</li>)}</ul></div>}
      <div class="row">
        <a class="button" href={at(['repositories', repository, 'refs'], moment)}>Refs then</a>
        <a class="button" href={at(['repositories', repository, 'files'], moment)}>Files then</a>
        <a class="button" href={at(['repositories', repository, 'commits'], moment)}>Commits then</a>
        <button type="button" aria-expanded={clone} onClick={() => setClone(!clone)}>Clone this moment</button>
        <a class="button" href={at(['restores', 'new'], { repository, point: visit.time })}>Restore this moment</a>
      </div>
      {clone && <CloneCommand repository={repository} point={visit.time} />}
    </div>
  );
}

