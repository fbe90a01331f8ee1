// Asking for a pipeline: for which repository and moment, to which forge, with what wish. The files are shown before anything is committed.
import type { JSX } from 'preact';
import type { Overview } from '../../../operations/overview.ts';
import type { GeneratedPipeline } from '../../../operations/generate-pipeline.ts';
import { get, post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { Field, Form, fieldOf, useAct } from '../parts/form.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Failure } from '../parts/state.tsx';
import { asked, at, go } from '../route.ts';

/** What the form says; an empty field is not asked for. */
function askingOf(form: HTMLFormElement): object {
  const given = ['point', 'forge', 'system', 'wish', 'credential'].map((name) => [name, fieldOf(form, name)] as const);
  return { repo_url: fieldOf(form, 'repository'), ...Object.fromEntries(given.filter(([, value]) => value !== '')) };
}

export default function PipelineNew(): JSX.Element {
  const known = useLoad('overview', (signal) => get<Overview>(['overview'], {}, signal));
  const act = useAct();
  const make = (form: HTMLFormElement): void => void act.run(async () => go(at(['pipelines', (await post<GeneratedPipeline>(['pipeline', 'generate'], askingOf(form))).id])));
  return (
    <Page title="New pipeline" within={[{ label: 'Pipelines', href: '/pipelines' }]} about="Made of what the archive holds, checked, and shown. It is committed when a person approves exactly these files, never before.">
      <div class="stack">
        {act.failure !== null && <Failure of={act.failure} />}
        <Card><div class="pad narrow-page">
          <Form label="New pipeline" onSend={make}>
            <Field label="Repository"><input name="repository" list="repositories" required defaultValue={asked('repository')} placeholder="execa" spellcheck={false} autocomplete="off" /></Field>
            <datalist id="repositories">{(known.data?.repositories ?? []).map(({ repository }) => <option key={repository} value={repository} />)}</datalist>
            <Field label="As of" hint="A date or instant, commit, branch, tag or snapshot; the last visit when empty."><input name="point" defaultValue={asked('point')} placeholder="latest" spellcheck={false} autocomplete="off" /></Field>
            <Field label="To" hint="Address of the repository on GitLab or GitHub that gets it; where it was backed up from when empty."><input name="forge" defaultValue={asked('forge')} spellcheck={false} autocomplete="off" /></Field>
            <Field label="System"><select name="system"><option value="">As the forge tells</option><option value="gitlab">GitLab CI</option><option value="github">GitHub Actions</option></select></Field>
            <Field label="Wish" hint="In your words: what matters to you."><input name="wish" maxLength={2000} placeholder="coverage too" autocomplete="off" /></Field>
            <Field label="Credential" hint="The name of a stored token, where another than the configured one is meant."><input name="credential" spellcheck={false} autocomplete="off" /></Field>
            <div class="row"><button class="primary" disabled={act.busy}>{act.busy ? 'Reading and checking…' : 'Make the proposal'}</button></div>
          </Form>
        </div></Card>
      </div>
    </Page>
  );
}
