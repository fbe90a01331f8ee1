// One entry of a log, with those that stand around it; earlier and later ones are a step away.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { LogContext, LogLine } from '../../../contract/log-search.ts';
import { get } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { many, shown } from '../format.ts';
import { EntryHead, EntryText } from '../parts/log-entry.tsx';
import { Card, Page } from '../parts/page.tsx';
import { Show } from '../parts/state.tsx';
import { askedNumber, at, here } from '../route.ts';

const AROUND = 10;
/** Entries that the server gives on one side. */
const MOST = 50;

export default function LogEntryPage({ pieces: [source = '', line = ''] }: { pieces: string[] }): JSX.Element {
  const around = Math.min(MOST, askedNumber('around', AROUND));
  const link = `log:${source}:${line}`;
  const found = useLoad(`log context ${link} ${around}`, (signal) => get<LogContext>(['logs', 'context'], { link, before: around, after: around }, signal));
  const name = found.data?.entry.sourceName ?? source;
  return (
    <Page title={`${shown(name)}, line ${line}`} within={[{ label: 'Logs', href: '/logs' }]} about={<code class="break">{link}</code>}>
      <Show of={found} lines={14}>{(context) => <Around of={context} around={around} />}</Show>
    </Page>
  );
}

function Around({ of: { entry, before, after }, around }: { of: LogContext; around: number }): JSX.Element {
  const { source, run, template, text, system } = entry;
  const [first, last] = [before[0], after.at(-1)];
  useEffect(() => document.querySelector('.entry.here')?.scrollIntoView({ block: 'center' }), [entry.link]);
  return (
    <div class="stack">
      <p class="row">
        <a class="button" href={at(['logs'], { source })}>This log only</a>
        <a class="button" href={at(['logs'], { template })}>Of the same shape</a>
        {run !== null && <a class="button" href={at(['logs'], { run })}>Run {shown(run)}</a>}
        <a class="button" href={at(['assistant', 'debug'], { q: `Why: ${text.slice(0, 200)}`, source })}>Ask why</a>
      </p>
      <Card title="What stands around it" aside={<span class="quiet small">{system}</span>}>
        {first !== undefined && before.length === around && <Step to={first} says="Earlier" />}
        <ol class="runs">{[...before, entry, ...after].map((each) => <Entry key={each.link} of={each} here={each === entry} />)}</ol>
        {last !== undefined && after.length === around && <Step to={last} says="Later" />}
      </Card>
      {around < MOST && <p><a class="button" href={here({ around: MOST })}>Show {many(MOST, 'entry', 'entries')} on each side</a></p>}
    </div>
  );
}

const Step = ({ to: { source, line }, says }: { to: LogLine; says: string }): JSX.Element => <p class="pad"><a class="button" href={at(['logs', source, String(line)])}>{says}</a></p>;

function Entry({ of, here: isHere }: { of: LogLine; here: boolean }): JSX.Element {
  return (
    <li class={isHere ? 'entry here' : 'entry'} aria-current={isHere ? 'true' : undefined}>
      <EntryHead of={of}><a href={at(['logs', of.source, String(of.line)])} aria-label={`Line ${of.line}`}>{of.line}</a></EntryHead>
      <EntryText of={of} />
    </li>
  );
}
