// Backing a repository up, from its address.
import type { JSX } from 'preact';
import type { IngestStarted } from '../../../operations/ingest.ts';
import { post } from '../api/client.ts';
import { Field, Form, fieldOf, useAct } from '../parts/form.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Failure } from '../parts/state.tsx';
import { asked, at, go } from '../route.ts';

export default function Ingest(): JSX.Element {
  const act = useAct();
  const send = (form: HTMLFormElement): void => void act.run(async () => {
    const name = fieldOf(form, 'name');
    const { workflowId } = await post<IngestStarted>(['ingests'], { url: fieldOf(form, 'url'), ...(name === '' ? {} : { name }), ...(fieldOf(form, 'credential') === '' ? {} : { credential: fieldOf(form, 'credential') }) });
    go(at(['jobs', workflowId]));
  });
  return (
    <Page title="Back up a repository" within={[{ label: 'Repositories', href: '/' }]} about="Every ref and object is fetched and archived; nothing that was once backed up is lost or rewritten.">
      <div class="narrow-page stack">
        {act.failure !== null && <Failure of={act.failure} />}
        <Card><div class="pad">
          <Form label="Backup" onSend={send}>
            <Field label="Address" hint="https://, ssh:// or git@host:path. Never put a password or token in it."><input name="url" required defaultValue={asked('url')} placeholder="https://github.com/sindresorhus/execa.git" autocomplete="off" spellcheck={false} /></Field>
            <Field label="Name" hint="Its short name here; made from the address when empty."><input name="name" pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" maxLength={100} autocomplete="off" spellcheck={false} /></Field>
            <Field label="Credential" hint={<>The name of one that was stored with <code>pivo credential add</code>; empty for a public repository.</>}><input name="credential" autocomplete="off" spellcheck={false} /></Field>
            <div class="row"><button class="primary" disabled={act.busy}>{act.busy ? 'Starting…' : 'Back up'}</button></div>
          </Form>
        </div></Card>
      </div>
    </Page>
  );
}
