// The log explorer: words and filters, entries over time, what was found or what comes, and a way to bring logs in.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LogSearch } from '../../../contract/log-search.ts';
import type { LogLevel, LogSource, LogSystem } from '../../../contract/logs.ts';
import { get, post, type Query } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { shown, when } from '../format.ts';
import { Field, Form, fieldOf } from '../parts/form.tsx';
import { instantOf, localTime } from '../parts/local-time.ts';
import { LogHits } from '../parts/log-hits.tsx';
import { LogLive } from '../parts/log-live.tsx';
import { askedLogs, askedTime } from '../parts/log-question.ts';
import { LogTime } from '../parts/log-time.tsx';
import { LogUpload } from '../parts/log-upload.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Empty, Show } from '../parts/state.tsx';
import { asked, askedNumber, go, here } from '../route.ts';

const STEP = 20;
const AROUND = 2;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies LogLevel[];
const SYSTEMS = ['spark', 'hadoop', 'kafka', 'airflow', 'temporal', 'pivo', 'other'] as const satisfies LogSystem[];

export default function Logs(): JSX.Element {
  const sources = useLoad('log sources', (signal) => get<{ sources: LogSource[] }>(['log-sources'], { limit: 1000 }, signal));
  const [read, setRead] = useState(0);
  const live = asked('live') !== '';
  const [question, time] = [askedLogs(), askedTime()];
  const onRead = (): void => {
    sources.reload();
    setRead((times) => times + 1);
  };
  return (
    <Page title="Logs" about="Of PIVO itself and of whatever was uploaded, by words, parts of words or meaning." actions={<a class="button" href={here({ live: live ? '' : 1, skip: '' })}>{live ? 'Back to the search' : 'Live'}</a>}>
      <div class="stack">
        <Show of={sources} lines={6}>{({ sources }) => sources.every(({ entries }) => entries === 0) && !live ? (
          <Card><Empty title="No log was read yet"><p>Upload one below. PIVO’s own logs come by themselves when it has worked.</p></Empty></Card>
        ) : (
          <div class="stack">
            <Question sources={sources} />
            <Narrowed />
            {live ? <LogLive asked={question} /> : <div key={read} class="stack"><Card title="Over time"><LogTime asked={{ ...question, ...time }} words={asked('q') !== ''} /></Card><Found asked={{ ...question, ...time }} /></div>}
          </div>
        )}</Show>
        <Card title="Upload a log"><LogUpload onRead={onRead} /></Card>
      </div>
    </Page>
  );
}

function Found({ asked: question }: { asked: Query }): JSX.Element {
  const [skip, order] = [askedNumber('skip', 0), asked('order') === 'newest' ? 'newest' : 'best'];
  const found = useLoad(`logs ${JSON.stringify(question)} ${skip} ${order}`, (signal) => post<LogSearch>(['search-logs'], { ...question, skip, order, limit: STEP, context: AROUND }, signal));
  return <Card title={asked('q') === '' ? 'Newest entries' : 'Found entries'}><Show of={found} lines={10}>{(search) => <LogHits of={search} skip={skip} step={STEP} />}</Show></Card>;
}

/** A choice is searched at once; words and times when they are sent. */
function Question({ sources }: { sources: readonly LogSource[] }): JSX.Element {
  const send = (form: HTMLFormElement): void => {
    const given = Object.fromEntries(['q', 'level', 'system', 'source', 'run', 'order'].map((name) => [name, fieldOf(form, name)]));
    go(here({ ...given, from: timeOf(form, 'from'), to: timeOf(form, 'to'), skip: '' }));
  };
  const choose = { onChange: (event: JSX.TargetedEvent<HTMLSelectElement>) => event.currentTarget.form?.requestSubmit() };
  const [level, system, source, order] = [asked('level'), asked('system'), asked('source'), asked('order')];
  return (
    <Form label="Search logs" role="search" onSend={send}>
      <div class="inline">
        <div class="grow"><Field label="Words"><input key={asked('q')} type="search" name="q" maxLength={2000} defaultValue={asked('q')} placeholder={'executor lost, or "No space left"'} /></Field></div>
        <button class="primary">Search</button>
      </div>
      <div class="inline">
        <Field label="Level"><select name="level" {...choose}><option value="">any</option>{LEVELS.map((each) => <option key={each} value={each} selected={each === level}>{each === 'fatal' ? each : `${each} and above`}</option>)}</select></Field>
        <Field label="System"><select name="system" {...choose}><option value="">any</option>{SYSTEMS.map((each) => <option key={each} value={each} selected={each === system}>{each}</option>)}</select></Field>
        <Field label="Log"><select name="source" {...choose}><option value="">any</option>{named(sources, source).map(({ id, name }) => <option key={id} value={id} selected={id === source}>{shown(name)}</option>)}</select></Field>
        <Field label="Order"><select name="order" {...choose}><option value="">best first</option><option value="newest" selected={order === 'newest'}>newest first</option></select></Field>
      </div>
      <details open={[asked('run'), asked('from'), asked('to')].some((each) => each !== '')}>
        <summary class="small">Run and time</summary>
        <div class="inline">
          <Field label="Run"><input key={asked('run')} name="run" maxLength={300} defaultValue={asked('run')} spellcheck={false} autocomplete="off" /></Field>
          <Field label="From"><input key={asked('from')} type="datetime-local" step="1" name="from" defaultValue={localTime(asked('from'))} /></Field>
          <Field label="To"><input key={asked('to')} type="datetime-local" step="1" name="to" defaultValue={localTime(asked('to'))} /></Field>
        </div>
      </details>
    </Form>
  );
}

/** What the address says stays as exact as it was while the field was not changed. */
function timeOf(form: HTMLFormElement, name: 'from' | 'to'): string {
  const field = fieldOf(form, name);
  return field === localTime(asked(name)) ? asked(name) : instantOf(field);
}

/** Also the one that is asked for, where the list does not have it. */
const named = (sources: readonly LogSource[], asked: string): Pick<LogSource, 'id' | 'name'>[] => (asked === '' || sources.some(({ id }) => id === asked) ? [...sources] : [{ id: asked, name: asked }, ...sources]);

/** What leaves entries out, each with the way to drop it. */
function Narrowed(): JSX.Element | null {
  const parts: [says: string, drop: Record<string, string>][] = [];
  if (asked('from') !== '' || asked('to') !== '') parts.push([`${asked('from') === '' ? 'Up' : when(asked('from'))} to ${asked('to') === '' ? 'now' : when(asked('to'))}`, { from: '', to: '' }]);
  if (asked('component') !== '') parts.push([`Only of ${shown(asked('component'))}`, { component: '' }]);
  if (asked('template') !== '') parts.push(['Only entries of one shape', { template: '' }]);
  return parts.length === 0 ? null : <p class="row">{parts.map(([says, drop]) => <a key={says} class="button" href={here({ ...drop, skip: '' })}>{says} <span aria-hidden="true">✕</span><span class="unseen">: drop this</span></a>)}</p>;
}
