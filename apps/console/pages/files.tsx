// The files of a repository as of a point: folders, or one file with its lines.
import type { JSX } from 'preact';
import type { Listing } from '../../../operations/ls.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown, size } from '../format.ts';
import { FileText } from '../parts/file-text.tsx';
import { Card } from '../parts/page.tsx';
import { PointChoice, RepositoryPage } from '../parts/repository.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { asked, at, here } from '../route.ts';
import { useState } from 'preact/hooks';

const STEP = 500;
type Entry = Listing['entries'][number];

export default function Files({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const [point, path, file] = [asked('at') || 'latest', asked('path'), asked('file')];
  const shownPath = file || path;
  return (
    <RepositoryPage repository={repository} part="files">
      <PointChoice />
      <Crumbs path={shownPath} />
      {file === '' ? <Folder repository={repository} point={point} path={path} /> : <FileText repository={repository} point={point} path={file} />}
    </RepositoryPage>
  );
}

function Crumbs({ path }: { path: string }): JSX.Element {
  const pieces = path.split('/').filter((piece) => piece !== '');
  return (
    <nav class="crumbs mono" aria-label="Path"><ol>
      <li><a href={here({ path: '', file: '' })}>root</a></li>
      {pieces.map((piece, i) => <li key={i}>{i === pieces.length - 1 ? <span aria-current="page">{shown(piece)}</span> : <a href={here({ path: pieces.slice(0, i + 1).join('/'), file: '' })}>{shown(piece)}</a>}</li>)}
    </ol></nav>
  );
}

/** Folders first, then by name. */
const inOrder = (a: Entry, b: Entry): number => Number(b.type === 'tree') - Number(a.type === 'tree') || (a.path < b.path ? -1 : 1);

function Folder({ repository, point, path }: { repository: string; point: string; path: string }): JSX.Element {
  const listing = useLoad(`files ${repository} ${point} ${path}`, (signal) => get<Listing>(['repositories', repository, 'files'], { point, path, limit: 20_000 }, signal));
  const [most, setMost] = useState(STEP);
  return (
    <Card>
      <Show of={listing} lines={10}>{({ entries, truncated }) => entries.length === 0 ? <Empty title="This folder is empty" /> : (
        <>
          <Table label="Files" rows={[...entries].sort(inOrder).slice(0, most)} of={({ path }) => path} columns={[
            { title: 'Name', kind: 'wide', cell: (entry) => <Name entry={entry} /> },
            { title: 'Size', kind: 'number', cell: ({ size: bytes }) => (bytes === null ? '–' : size(bytes)) },
            { title: 'History', cell: ({ path }) => <a href={at(['repositories', repository, 'commits'], { at: asked('at'), path })} aria-label={`History of ${path}`}>history</a> },
          ]} />
          {(entries.length > most || truncated) && <p class="pad"><button type="button" onClick={() => setMost(most + STEP * 4)}>Show more</button></p>}
        </>
      )}</Show>
    </Card>
  );
}

const ICONS = { tree: 'M3 6h6l2 2h10v11H3z', blob: 'M6 3h8l4 4v14H6zM14 3v5h4', commit: 'M12 4v5M12 15v5M12 9a3 3 0 1 0 .1 0' };

function Name({ entry: { type, path, mode } }: { entry: Entry }): JSX.Element {
  const name = shown(path.replace(/\/$/, '').split('/').at(-1) ?? path);
  const icon = <svg class="icon" viewBox="0 0 24 24" width="17" height="17" aria-hidden="true"><path d={ICONS[type]} /></svg>;
  if (type === 'commit') return <span class="file-name">{icon}{name} <span class="quiet">submodule</span></span>;
  return <a class="file-name break" href={type === 'tree' ? here({ path, file: '' }) : here({ file: path, path: '' })}>{icon}{name}{type === 'tree' && <span class="unseen"> (folder)</span>}{mode === '120000' && <span class="quiet"> link</span>}</a>;
}
