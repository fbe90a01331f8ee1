// One commit: message, people, parents, and what it changed.
import type { JSX } from 'preact';
import type { LogPage } from '../../../operations/log.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown, when } from '../format.ts';
import { DifferenceCard } from '../parts/difference.tsx';
import { Card } from '../parts/page.tsx';
import { CloneCommand, RepositoryPage } from '../parts/repository.tsx';
import { Show } from '../parts/state.tsx';
import { Id } from '../parts/words.tsx';
import { at } from '../route.ts';

export default function Commit({ pieces: [repository = '', hash = ''] }: { pieces: string[] }): JSX.Element {
  const found = useLoad(`commit ${repository} ${hash}`, (signal) => get<LogPage>(['repositories', repository, 'log'], { point: hash, limit: 1 }, signal));
  const commit = found.data?.commits[0];
  const [parent] = commit?.parents ?? [];
  return (
    <RepositoryPage repository={repository} part={`commit ${hash.slice(0, 10)}`}>
      <Card>
        <Show of={found}>{({ point }) => commit === undefined ? <p class="pad">There is no such commit.</p> : (
          <div class="pad stack">
            <h2 class="break">{shown(commit.subject) || '(no message)'}</h2>
            {commit.body !== '' && <p class="message">{shown(commit.body)}</p>}
            <dl class="facts">
              <dt>Commit</dt><dd><code>{commit.hash}</code></dd>
              <dt>Author</dt><dd><Person of={commit.author} /></dd>
              <dt>Committer</dt><dd><Person of={commit.committer} /></dd>
              <dt>Parents</dt><dd class="row">{commit.parents.length === 0 ? 'none: it is a root' : commit.parents.map((each) => <Id key={each} of={each} href={at(['repositories', repository, 'commits', each])} />)}</dd>
              <dt>Backed up</dt><dd><a href={at(['repositories', repository], { visit: point.visit })}>visit {point.visit}</a></dd>
            </dl>
            <div class="row">
              <a class="button" href={at(['repositories', repository, 'files'], { at: commit.hash })}>Files</a>
              <a class="button" href={at(['repositories', repository, 'commits'], { at: commit.hash })}>Commits before</a>
              <a class="button" href={at(['restores', 'new'], { repository, point: commit.hash })}>Restore this commit</a>
            </div>
            <CloneCommand repository={repository} point={commit.hash} />
          </div>
        )}</Show>
      </Card>
      {commit !== undefined && parent !== undefined && <DifferenceCard repository={repository} from={parent} to={commit.hash} path="" />}
    </RepositoryPage>
  );
}

function Person({ of: { name, email, time, zone } }: { of: LogPage['commits'][number]['author'] }): JSX.Element {
  const at = time === null || Math.abs(time) > 8.64e12 ? '' : `, ${when(new Date(time * 1000).toISOString())} (${zone})`;
  return <>{shown(name)} <span class="quiet">&lt;{shown(email)}&gt;{at}</span></>;
}
