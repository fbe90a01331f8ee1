// What changed between any two points of a repository.
import type { JSX } from 'preact';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { DifferenceCard } from '../parts/difference.tsx';
import { Card } from '../parts/page.tsx';
import { RepositoryPage } from '../parts/repository.tsx';
import { Empty } from '../parts/state.tsx';
import { asked, go, here } from '../route.ts';

export default function Diff({ pieces: [repository = ''] }: { pieces: string[] }): JSX.Element {
  const [from, to, path] = [asked('from'), asked('to') || asked('at') || 'latest', asked('path')];
  return (
    <RepositoryPage repository={repository} part="diff">
      <Form label="Compare" onSend={(form) => go(here({ from: fieldOf(form, 'from'), to: fieldOf(form, 'to'), path: fieldOf(form, 'path') }))}>
        <div class="inline">
          <Field label="From"><input key={from} name="from" required defaultValue={from} placeholder="2026-11-01, v1.0, commit…" spellcheck={false} /></Field>
          <Field label="To"><input key={to} name="to" defaultValue={to} spellcheck={false} /></Field>
          <Field label="Only below"><input key={path} name="path" defaultValue={path} placeholder="all files" spellcheck={false} /></Field>
          <button class="primary">Compare</button>
        </div>
      </Form>
      {from === '' ? <Card><Empty title="Choose two moments to compare" command={`pivo diff ${repository} 2026-11-01 latest`}><p>Each may be a date, a branch, a tag, a commit or a snapshot.</p></Empty></Card> : <DifferenceCard repository={repository} from={from} to={to} path={path} />}
    </RepositoryPage>
  );
}
