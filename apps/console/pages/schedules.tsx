// Schedules: which repositories are backed up by themselves, when next, when last; pause, resume, run, remove, add.
import type { JSX } from 'preact';
import type { ScheduleView } from '../../../operations/schedule.ts';
import { get, post, remove } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { duration } from '../format.ts';
import { Field, Form, fieldOf, useAct, type Act } from '../parts/form.tsx';
import { Card, Page, Pager } from '../parts/page.tsx';
import { Empty, Failure, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, askedNumber, at } from '../route.ts';

const SHOWN = 100;

export default function Schedules(): JSX.Element {
  const schedules = useLoad('schedules', (signal) => get<ScheduleView[]>(['schedules'], {}, signal), { every: 15_000 });
  const act = useAct();
  const skip = askedNumber('skip', 0);
  const change = (pieces: string[]): void => void act.run(async () => (await post(['schedules', ...pieces]), schedules.reload()));
  const drop = (repository: string): void => void act.run(async () => (await remove(['schedules', repository]), schedules.reload()));
  return (
    <Page title="Schedules" about="Backups that start by themselves, kept by Temporal.">
      <div class="stack">
        {act.failure !== null && <Failure of={act.failure} />}
        <Card title="Add one"><div class="pad"><Add act={act} onDone={schedules.reload} /></div></Card>
        <Card>
          <Show of={schedules}>{(all) => all.length === 0 ? <Empty title="Nothing is scheduled yet" command="pivo schedule add execa --every 6h"><p>Back a repository up once, then let PIVO do it.</p></Empty> : (
            <>
              <Table label="Schedules" rows={all.slice(skip, skip + SHOWN)} of={({ repository }) => repository} columns={[
                { title: 'Repository', kind: 'wide', cell: ({ repository }) => <a href={at(['repositories', repository])}><strong>{repository}</strong></a> },
                { title: 'When', cell: ({ when }) => <span class="break">{when.map(spoken).join(', ')}</span> },
                { title: 'State', cell: ({ paused, note }) => (paused ? <span title={note ?? ''}><State of="paused" /></span> : <State of="ready" />) },
                { title: 'Next', cell: ({ next }) => <Time of={next} /> },
                { title: 'Last', minor: true, cell: ({ last }) => <Time of={last} /> },
                { title: 'Change', cell: ({ repository, paused }) => (
                  <span class="row tight">
                    <button type="button" disabled={act.busy} onClick={() => change([repository, paused ? 'resume' : 'pause'])} aria-label={`${paused ? 'Resume' : 'Pause'} ${repository}`}>{paused ? 'Resume' : 'Pause'}</button>
                    <button type="button" disabled={act.busy} onClick={() => change([repository, 'run'])} aria-label={`Run now: ${repository}`}>Run now</button>
                    <button type="button" class="danger" disabled={act.busy} onClick={() => drop(repository)} aria-label={`Remove the schedule of ${repository}`}>Remove</button>
                  </span>
                ) },
              ]} />
              <Pager skip={skip} shown={Math.min(SHOWN, all.length - skip)} step={SHOWN} total={all.length} more={skip + SHOWN < all.length} />
            </>
          )}</Show>
        </Card>
      </div>
    </Page>
  );
}

/** `every 21600 s` as `every 6 h 0 min`; a cron expression as it is. */
const spoken = (when: string): string => when.replace(/^every (\d+) s$/, (_, seconds: string) => `every ${duration(Number(seconds)).replace(/ 0 (s|min)$/, '')}`);

function Add({ act, onDone }: { act: Act; onDone: () => void }): JSX.Element {
  const send = (form: HTMLFormElement): void => void act.run(async () => {
    const when = fieldOf(form, 'when');
    await post(['schedules'], { repository: fieldOf(form, 'repository'), ...(/^[0-9]+[smhdw]$/.test(when) ? { every: when } : { cron: when }) });
    form.reset();
    onDone();
  });
  return (
    <Form label="Add a schedule" onSend={send}>
      <div class="inline">
        <Field label="Repository"><input name="repository" required defaultValue={asked('repository')} placeholder="execa" spellcheck={false} autocomplete="off" /></Field>
        <Field label="Every, or a cron expression"><input name="when" required placeholder="6h, or 0 3 * * *" spellcheck={false} autocomplete="off" /></Field>
        <button class="primary" disabled={act.busy}>Add</button>
      </div>
    </Form>
  );
}
