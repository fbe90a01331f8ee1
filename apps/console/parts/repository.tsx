// What all pages of a repository share: title, tabs, and the point in time they look at.
import type { ComponentChildren, JSX } from 'preact';
import { asked, at, go, here } from '../route.ts';
import { Command } from './command.tsx';
import { Field, Form, fieldOf } from './form.tsx';
import { Page, Tabs } from './page.tsx';

export interface RepositoryPageProps {
  repository: string;
  /** The tab, for the page's title. */
  part: string;
  about?: ComponentChildren;
  children: ComponentChildren;
}

export function RepositoryPage({ repository, part, about, children }: RepositoryPageProps): JSX.Element {
  const point = asked('at');
  const tab = (label: string, ...pieces: string[]): { label: string; href: string } => ({ label, href: at(['repositories', repository, ...pieces], { at: point }) });
  return (
    <Page
      title={part === '' ? repository : `${repository}: ${part}`}
      within={[{ label: 'Repositories', href: '/' }]}
      about={about}
      actions={<><a class="button" href={at(['pipelines', 'new'], { repository, point })}>Give it a pipeline</a><a class="button" href={at(['restores', 'new'], { repository, point })}>Restore this moment</a></>}
    >
      <div class="stack">
        <Tabs label={repository} tabs={[tab('Time line'), tab('Refs', 'refs'), tab('Commits', 'commits'), tab('Files', 'files'), tab('Diff', 'diff'), tab('Documentation', 'documentation')]} />
        {children}
      </div>
    </Page>
  );
}

/** Chooses the point that a page looks at: any that PIVO understands. */
export function PointChoice({ label = 'At' }: { label?: string }): JSX.Element {
  const point = asked('at');
  return (
    <Form label="Point in time" onSend={(form) => go(here({ at: fieldOf(form, 'at'), skip: '' }))}>
      <div class="inline">
        <Field label={label}><input key={point} name="at" defaultValue={point} placeholder="latest, 2026-11-21, v1.0, commit…" spellcheck={false} autocomplete="off" /></Field>
        <button>Show</button>
        {point !== '' && <a class="button" href={here({ at: '', skip: '' })}>Latest</a>}
      </div>
    </Form>
  );
}

/** The command that clones a repository as it was at a point. */
export function CloneCommand({ repository, point }: { repository: string; point: string }): JSX.Element {
  const spec = point === '' || point === 'latest' ? repository : `${repository}@${point}`;
  return <Command label="Clone this moment" text={`git clone ${location.origin}/git/${encodeURI(spec)}.git ${repository}`} />;
}
