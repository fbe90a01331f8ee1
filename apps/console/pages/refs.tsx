// The refs of a repository at any instant.
import type { JSX } from 'preact';
import type { Ref } from '../../../contract/snapshot.ts';
import type { RefPage } from '../../../operations/refs.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { many, shown, when } from '../format.ts';
import { Card, Pager } from '../parts/page.tsx';
import { CloneCommand, PointChoice, RepositoryPage } from '../parts/repository.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Badge, Id } from '../parts/words.tsx';
import { asked, askedNumber, at, go, here } from '../route.ts';

const STEP = 100;

export default function Refs({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const [point, match, skip] = [asked('at') || 'latest', asked('search'), askedNumber('skip', 0)];
  const refs = useLoad(`refs ${repository} ${point} ${match} ${skip}`, (signal) => get<RefPage>(['repositories', repository, 'refs'], { point, match, skip, limit: STEP }, signal));
  const { data } = refs;
  return (
    <RepositoryPage repository={repository} part="refs" about={data === undefined ? undefined : `As visit ${data.point.visit} found them, ${when(data.time)}`}>
      <PointChoice label="At an instant, snapshot, ref or commit" />
      <Card title={data === undefined ? 'Refs' : many(data.total, 'ref')} aside={<input class="filter" type="search" aria-label="Find a ref" placeholder="Find a ref" value={match} onInput={(event) => go(here({ search: event.currentTarget.value, skip: '' }), { replace: true })} />}>
        <Show of={refs} lines={8}>{(page) => page.refs.length === 0 ? <NoRefs search={match} repository={repository} /> : <List page={page} skip={skip} />}</Show>
      </Card>
      {data !== undefined && <Card title="Clone this moment"><div class="pad"><CloneCommand repository={repository} point={data.time} /></div></Card>}
    </RepositoryPage>
  );
}

const NoRefs = ({ search, repository }: { search: string; repository: string }): JSX.Element =>
  search === '' ? <Empty title="There are no refs at that moment" command={`pivo visits ${repository}`}><p>The repository was empty then.</p></Empty> : <Empty title={`No ref has “${shown(search)}” in its name`} />;

function List({ page: { repository, refs, total, head }, skip }: { page: RefPage; skip: number }): JSX.Element {
  const commit = ({ type, oid, peeled }: Ref): string => peeled ?? (type === 'commit' ? oid : '');
  return (
    <>
      <Table label="Refs" rows={refs} of={({ name }) => name} columns={[
        { title: 'Ref', kind: 'wide', cell: ({ name }) => <span class="row"><span class="mono break">{shown(name)}</span>{name === head.symref && <Badge tone="plain">HEAD</Badge>}</span> },
        { title: 'Type', minor: true, cell: ({ type }) => type },
        { title: 'Object', minor: true, cell: ({ oid }) => <Id of={oid} /> },
        { title: 'Commit', cell: (ref) => <Id of={commit(ref)} {...(commit(ref) === '' ? {} : { href: at(['repositories', repository, 'commits', commit(ref)]) })} /> },
        { title: 'Look', cell: (ref) => commit(ref) === '' ? '–' : <a href={at(['repositories', repository, 'files'], { at: commit(ref) })} aria-label={`Files of ${shown(ref.name)}`}>files</a> },
      ]} />
      <Pager skip={skip} shown={refs.length} step={STEP} total={total} more={skip + refs.length < total} />
    </>
  );
}
