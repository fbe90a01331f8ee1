// Asking for a restore: what, as of when, to where. The plan is shown before anything is done.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PlanAnswer } from '../../../operations/plan.ts';
import type { RestoreStatus } from '../../../contract/restore.ts';
import { ApiFailure, post } from '../api/client.ts';
import { Field, Form, fieldOf, useAct } from '../parts/form.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Plan } from '../parts/plan.tsx';
import { Failure } from '../parts/state.tsx';
import { asked, at, go } from '../route.ts';

interface Asking {
  repository: string;
  point: string;
  target: string;
  refs: 'default' | 'all';
  credential?: string;
}

function askingOf(form: HTMLFormElement): Asking {
  const credential = fieldOf(form, 'credential');
  return { repository: fieldOf(form, 'repository'), point: fieldOf(form, 'point') || 'latest', target: fieldOf(form, 'target'), refs: fieldOf(form, 'refs') === 'all' ? 'all' : 'default', ...(credential === '' ? {} : { credential }) };
}

export default function RestoreNew(): JSX.Element {
  const [tried, setTried] = useState<PlanAnswer | null>(null);
  const act = useAct();
  const look = (asking: Asking): void => void act.run(async () => setTried(await post<PlanAnswer>(['plans'], asking)));
  const start = (asking: Asking): void => void act.run(async () => go(at(['restores', (await post<RestoreStatus>(['restores'], asking)).restoreId])));
  const send = (form: HTMLFormElement, event?: string): void => (event === 'look' ? look : start)(askingOf(form));
  return (
    <Page title="Restore" within={[{ label: 'Restores', href: '/restores' }]} about="The plan is made first, ref by ref. It is carried out when a person approves it, never before.">
      <div class="stack">
        {act.failure !== null && <Failure of={act.failure} />}
        <Card><div class="pad narrow-page">
          <Form label="Restore" onSend={(form) => send(form)}>
            <Field label="Repository"><input name="repository" required defaultValue={asked('repository')} placeholder="execa" spellcheck={false} autocomplete="off" /></Field>
            <Field label="As of" hint="A date or instant, commit, branch, tag or snapshot; the last visit when empty."><input name="point" defaultValue={asked('point')} placeholder="latest" spellcheck={false} autocomplete="off" /></Field>
            <Field label="To" hint={<>A remote’s address, or a path on the machine where PIVO’s worker runs: <code>name.git</code> becomes a bare repository, <code>name</code> a working clone.</>}><input name="target" required defaultValue={asked('target')} spellcheck={false} autocomplete="off" /></Field>
            <Field label="Refs"><select name="refs" defaultValue={asked('refs')}><option value="default">As fits the moment: all of an instant, one branch for a commit</option><option value="all">All refs of the visit</option></select></Field>
            <Field label="Credential" hint="The name of a stored one, where the target wants it."><input name="credential" spellcheck={false} autocomplete="off" /></Field>
            <div class="row">
              <button class="primary" disabled={act.busy}>{act.busy ? 'Planning…' : 'Make the plan'}</button>
              <button type="button" disabled={act.busy} onClick={({ currentTarget: { form } }) => form?.reportValidity() === true && send(form, 'look')}>Only look</button>
            </div>
          </Form>
        </div></Card>
        {tried !== null && <Card title="What it would do">{tried.blocked !== null && <Failure of={new ApiFailure(200, tried.blocked)} />}<Plan plan={tried.plan} counts={tried.counts} planHash={null} /></Card>}
      </div>
    </Page>
  );
}
