// Documentation of a repository as of a point: drafted from its files, each claim with a link to its line.
import type { JSX } from 'preact';
import { parseFileLink } from '../../../contract/file-link.ts';
import type { Documents } from '../../../operations/documents.ts';
import type { Documentation as Made } from '../../../operations/generate-documentation.ts';
import { get, post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown } from '../format.ts';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { lazyPart } from '../parts/lazy.tsx';
import { Card } from '../parts/page.tsx';
import { PointChoice, RepositoryPage } from '../parts/repository.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Id, Time } from '../parts/words.tsx';
import { asked, at, go, here } from '../route.ts';

const Markdown = lazyPart(() => import('../parts/markdown.tsx'), 10);

export default function DocumentationPage({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const [point, path] = [asked('at') || 'latest', asked('path')];
  const made = useLoad(`documentation ${repository} ${point} ${path}`, (signal) => post<Made>(['generate-documentation'], { repository, point, path }, signal));
  return (
    <RepositoryPage repository={repository} part="documentation" about="What the files say of how it runs; every claim leads to its line">
      <div class="row apart">
        <PointChoice />
        <Form label="Part of the repository" onSend={(form) => go(here({ path: fieldOf(form, 'path') }))}>
          <div class="inline"><Field label="File or folder"><input key={path} name="path" defaultValue={path} placeholder="everything" spellcheck={false} autocomplete="off" /></Field><button>Show</button></div>
        </Form>
      </div>
      <Show of={made} lines={14}>{(found) => <Document of={found} />}</Show>
      <Earlier repository={repository} />
    </RepositoryPage>
  );
}

/** The text itself ends with who wrote it, what was read and what was left out. */
function Document({ of: { commit, content } }: { of: Made }): JSX.Element {
  return <Card aside={<Id of={commit} />} title="Preview"><div class="pad document"><Markdown text={shown(linked(content))} /></div></Card>;
}

/** In the Markdown, names of the repository's lines lead to their pages here. */
function linked(content: string): string {
  return content.replace(/`([^`\s]+)`/g, (whole, text: string) => {
    const link = parseFileLink(text);
    return link === null ? whole : `[${whole}](${at(['repositories', link.repository, 'files'], { at: link.commit, file: link.path, line: link.line ?? '' })})`;
  });
}

function Earlier({ repository }: { repository: string }): JSX.Element {
  const found = useLoad(`documents ${repository}`, (signal) => get<Documents>(['repositories', repository, 'documents'], {}, signal));
  return (
    <Card title="Kept documentation">
      <Show of={found}>{({ documents }) => documents.length === 0 ? <Empty title="Nothing was kept yet" /> : (
        <Table label="Kept documentation" rows={documents} of={({ commit, path, writtenBy }) => `${commit} ${path} ${writtenBy}`} columns={[
          { title: 'Commit', cell: ({ commit, path }) => <Id of={commit} href={here({ at: commit, path })} /> },
          { title: 'Part', kind: 'wide', cell: ({ path }) => (path === '' ? 'everything' : <code class="break">{shown(path)}</code>) },
          { title: 'Written by', minor: true, cell: ({ writtenBy }) => writtenBy },
          { title: 'When', cell: ({ time }) => <Time of={time} /> },
        ]} />
      )}</Show>
    </Card>
  );
}
