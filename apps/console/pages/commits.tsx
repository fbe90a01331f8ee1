// All commits that were ever backed up, newest first, or those that a search finds; those of a point; the history of a file.
import type { JSX } from 'preact';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { Card, Pager } from '../parts/page.tsx';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { PointChoice, RepositoryPage } from '../parts/repository.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Id, Time } from '../parts/words.tsx';
import { asked, askedNumber, at, go, here } from '../route.ts';
import type { CommitPage } from '../../../operations/commits.ts';
import type { LogPage } from '../../../operations/log.ts';

const STEP = 100;

interface Line {
  hash: string;
  author: string;
  time: string;
  subject: string;
}

interface Lines {
  commits: Line[];
  more: boolean;
  /** Where a search goes on. */
  next: string;
}

export default function Commits({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const [point, search, path, skip, after] = [asked('at'), asked('search'), asked('path'), askedNumber('skip', 0), asked('after')];
  const isWalk = search === '' && (point !== '' || path !== '');
  const found = useLoad(`commits ${repository} ${point} ${search} ${path} ${skip} ${after}`, (signal) => (isWalk ? walked(repository, point, path, skip, signal) : indexed(repository, search, after, signal)));
  return (
    <RepositoryPage repository={repository} part={path === '' ? 'commits' : `history of ${shown(path)}`} about={isWalk ? undefined : 'Of every commit that was ever backed up, also of those that no ref leads to any more'}>
      <div class="row apart">
        <PointChoice />
        <Form label="Search commits" role="search" onSend={(form) => go(here({ search: fieldOf(form, 'search'), skip: '', after: '', path: '' }))}>
          <div class="inline"><Field label="Words of the message"><input key={search} type="search" name="search" defaultValue={search} placeholder="retry socket" /></Field><button>Search</button></div>
        </Form>
      </div>
      {path !== '' && <p class="note">Only commits that changed <code class="break">{shown(path)}</code>. <a href={here({ path: '' })}>Show all</a></p>}
      <Card>
        <Show of={found} lines={10}>{({ commits, more, next }) => commits.length === 0 ? (
          <Empty title={search === '' ? 'There are no commits here' : 'No message has these words'}>{search !== '' && <a href={here({ search: '', after: '' })}>Show all commits</a>}</Empty>
        ) : (
          <>
            <Table label="Commits" rows={commits} of={({ hash }) => hash} columns={[
              { title: 'Commit', cell: ({ hash }) => <Id of={hash} href={at(['repositories', repository, 'commits', hash])} /> },
              { title: 'Message', kind: 'wide', cell: ({ hash, subject }) => <a class="plain break" href={at(['repositories', repository, 'commits', hash])}>{shown(subject) || <span class="quiet">(no message)</span>}</a> },
              { title: 'Author', minor: true, cell: ({ author }) => <span class="break">{shown(author)}</span> },
              { title: 'When', cell: ({ time }) => <Time of={time} /> },
            ]} />
            {isWalk ? <Pager skip={skip} shown={commits.length} step={STEP} total={null} more={more} /> : more && <nav class="pager" aria-label="Pages"><span /><a class="button" rel="next" href={here({ after: next })}>Next →</a></nav>}
          </>
        )}</Show>
      </Card>
    </RepositoryPage>
  );
}

const iso = (seconds: number | null): string => (seconds === null || Math.abs(seconds) > 8.64e12 ? '' : new Date(seconds * 1000).toISOString());

async function walked(repository: string, point: string, path: string, skip: number, signal: AbortSignal): Promise<Lines> {
  const page = await get<LogPage>(['repositories', repository, 'log'], { point, path, limit: STEP, skip }, signal);
  return { more: page.more, next: '', commits: page.commits.map(({ hash, author, committer, subject }) => ({ hash, author: author.name, time: iso(committer.time), subject })) };
}

async function indexed(repository: string, search: string, after: string, signal: AbortSignal): Promise<Lines> {
  const page = await get<CommitPage>(['repositories', repository, 'commits'], { text: search, after, limit: STEP }, signal);
  return { more: page.next !== null, next: page.next ?? '', commits: page.commits.map(({ hash, author, time, subject }) => ({ hash, author, time: time ?? '', subject })) };
}
