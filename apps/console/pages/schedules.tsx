// Schedules: which repositories and sources are backed up by themselves, when next, what became of the last runs; pause, resume, run, remove, add.
import type { JSX } from 'preact';
import type { ScheduleDetails } from '../../../operations/schedule-list.ts';
import type { ScheduleView } from '../../../operations/schedule-view.ts';
import { get, post, remove } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, when as clock } from '../format.ts';
import { Field, Form, fieldOf, useAct, type Act } from '../parts/form.tsx';
import { Card, Page, Pager } from '../parts/page.tsx';
import { Empty, Failure, Show } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { State, Time } from '../parts/words.tsx';
import { asked, askedNumber, at } from '../route.ts';

const SHOWN = 100;
/** Seconds of lateness that are no news. */
const ON_TIME = 60;

type Named = Pick<ScheduleView, 'repository' | 'source' | 'what'>;

const nameOf = ({ repository, source }: Named): string => (source !== null ? `source ${source}` : repository === '*' ? 'all repositories' : (repository ?? ''));
const labelOf = (named: Named): string => `${nameOf(named)}${named.what === 'drill' || named.what === 'verify' ? ` (${named.what})` : ''}`;
/** Its REST address, and what tells it from others there. */
const addressOf = ({ repository, source }: Named): string[] => (source !== null ? ['schedules', 'sources', source] : ['schedules', repository ?? '']);
const kindOf = ({ source, what }: Named): { what?: ScheduleView['what'] } => (source !== null ? {} : { what });

export default function Schedules(): JSX.Element {
  const schedules = useLoad('schedules', (signal) => get<ScheduleView[]>(['schedules'], {}, signal), { every: 15_000 });
  const act = useAct();
  const skip = askedNumber('skip', 0);
  const change = (of: Named, verb: string): void => void act.run(async () => (await post([...addressOf(of), verb], kindOf(of)), schedules.reload()));
  const drop = (of: Named): void => void act.run(async () => (await remove(addressOf(of), kindOf(of)), schedules.reload()));
  return (
    <Page title="Schedules" about="Backups that start by themselves, kept by Temporal.">
      <div class="stack">
        {act.failure !== null && <Failure of={act.failure} />}
        <Card title="Add one"><div class="pad"><Add act={act} onDone={schedules.reload} /></div></Card>
        <Card>
          <Show of={schedules}>{(all) => all.length === 0 ? <Empty title="Nothing is scheduled yet" command="pivo schedule add execa --every 6h"><p>Back a repository up once, then let PIVO do it.</p></Empty> : (
            <>
              <Table label="Schedules" rows={all.slice(skip, skip + SHOWN)} of={labelOf} columns={[
                { title: 'Of', kind: 'wide', cell: (each) => <a href={at(['schedules'], pick(each))}><strong>{labelOf(each)}</strong></a> },
                { title: 'When', cell: ({ when, timeZone }) => <span class="break">{when.map(spoken).join(', ')}{timeZone === null ? '' : ` (${timeZone})`}</span> },
                { title: 'State', cell: ({ paused, note, running }) => (paused ? <span title={note ?? ''}><State of="paused" /></span> : <State of={running.length > 0 ? 'running' : 'ready'} />) },
                { title: 'Next', cell: ({ next }) => <Time of={next} /> },
                { title: 'Last', minor: true, cell: ({ last }) => <Time of={last} /> },
                { title: 'Missed', kind: 'number', minor: true, cell: ({ missed }) => <span title={missedText(missed)}>{count(missed.beyondCatchUp + missed.overlap)}</span> },
                { title: 'Change', cell: (each) => (
                  <span class="row tight">
                    <button type="button" disabled={act.busy} onClick={() => change(each, each.paused ? 'resume' : 'pause')} aria-label={`${each.paused ? 'Resume' : 'Pause'} ${labelOf(each)}`}>{each.paused ? 'Resume' : 'Pause'}</button>
                    <button type="button" disabled={act.busy} onClick={() => change(each, 'run')} aria-label={`Run now: ${labelOf(each)}`}>Run now</button>
                    <button type="button" class="danger" disabled={act.busy} onClick={() => drop(each)} aria-label={`Remove the schedule of ${labelOf(each)}`}>Remove</button>
                  </span>
                ) },
              ]} />
              <Pager skip={skip} shown={Math.min(SHOWN, all.length - skip)} step={SHOWN} total={all.length} more={skip + SHOWN < all.length} />
            </>
          )}</Show>
        </Card>
        {asked('of') !== '' && <One of={picked()} />}
      </div>
    </Page>
  );
}

/** Which schedule the address asks for. */
const pick = ({ repository, source, what }: Named): Record<string, string> => ({ of: source ?? repository ?? '', what });
const picked = (): Named => (asked('what') === 'fleet' ? { repository: null, source: asked('of'), what: 'fleet' } : { repository: asked('of'), source: null, what: asked('what') as ScheduleView['what'] });

const missedText = ({ beyondCatchUp, overlap }: ScheduleView['missed']): string => `${many(beyondCatchUp, 'start')} beyond the catch-up window, ${many(overlap, 'start')} while a run went on`;

function One({ of }: { of: Named }): JSX.Element {
  const details = useLoad(`schedule ${labelOf(of)}`, (signal) => get<ScheduleDetails>(addressOf(of), kindOf(of), signal), { every: 15_000 });
  return (
    <Card title={`Schedule of ${labelOf(of)}`}>
      <Show of={details}>{({ upcoming, runs, overlap, jitter, catchUp, missed, starts }) => (
        <>
          <div class="pad">
            <p>While one runs: {overlap}. Up to {duration(jitter)} later than due; caught up within {duration(catchUp)}. Started {many(starts, 'time')}; missed: {missedText(missed)}.</p>
            <p>Next: {upcoming.length === 0 ? '–' : upcoming.slice(0, 5).map(clock).join(' · ')}</p>
          </div>
          {runs.length > 0 && <Table label="Last runs" rows={runs} of={({ runId }) => runId} columns={[
            { title: 'Due', cell: ({ due }) => <Time of={due} /> },
            { title: 'State', cell: ({ state }) => <State of={state} /> },
            { title: 'Late', minor: true, cell: ({ late }) => (late < ON_TIME ? '' : duration(late)) },
            { title: 'Run', minor: true, cell: ({ workflowId }) => <code class="break">{workflowId}</code> },
            { title: 'What came of it', kind: 'wide', cell: ({ outcome, failure }) => <span class="break">{failure?.message ?? outcome ?? ''}</span> },
          ]} />}
        </>
      )}</Show>
    </Card>
  );
}

/** `every 21600 s` as `every 6 h 0 min`; a cron expression as it is. */
const spoken = (when: string): string => when.replace(/^every (\d+) s$/, (_, seconds: string) => `every ${duration(Number(seconds)).replace(/ 0 (s|min)$/, '')}`);

function Add({ act, onDone }: { act: Act; onDone: () => void }): JSX.Element {
  const send = (form: HTMLFormElement): void => void act.run(async () => {
    const when = fieldOf(form, 'when');
    const zone = fieldOf(form, 'zone');
    const named = fieldOf(form, 'kind') === 'source' ? { source: fieldOf(form, 'name') } : { repository: fieldOf(form, 'name') };
    await post(['schedules'], { ...named, ...(/^[0-9]+[smhdw]$/.test(when) ? { every: when } : { cron: when }), ...(zone === '' ? {} : { timeZone: zone }) });
    form.reset();
    onDone();
  });
  return (
    <Form label="Add a schedule" onSend={send}>
      <div class="inline">
        <Field label="Of a"><select name="kind"><option value="repository">repository</option><option value="source">source</option></select></Field>
        <Field label="Name"><input name="name" required defaultValue={asked('repository')} placeholder="execa" spellcheck={false} autocomplete="off" /></Field>
        <Field label="Every, or a cron expression"><input name="when" required placeholder="6h, or 0 3 * * *" spellcheck={false} autocomplete="off" /></Field>
        <Field label="Time zone of the expression"><input name="zone" placeholder="UTC" spellcheck={false} autocomplete="off" /></Field>
        <button class="primary" disabled={act.busy}>Add</button>
      </div>
    </Form>
  );
}
