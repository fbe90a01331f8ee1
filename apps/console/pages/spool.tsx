// The spool: what waits, is being stored, failed and lies in the archive, of each kind, as it goes on.
import type { JSX } from 'preact';
import type { SpoolDepth } from '../../../contract/spool.ts';
import type { SpoolGateState } from '../../../operations/spool-gates.ts';
import type { FailedSegmentRow, SpoolStatus } from '../../../operations/spool-status.ts';
import { get, post } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { count, duration, many, shown, size } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { useAct, type Act } from '../parts/form.tsx';
import { Card } from '../parts/page.tsx';
import { SpoolPage } from '../parts/spool.tsx';
import { Empty, Failure, Show } from '../parts/state.tsx';
import { Badge, Time } from '../parts/words.tsx';
import { askedNumber, at, here } from '../route.ts';
import { token } from '../session.ts';

const LOOK_EVERY = 3000;
const STEP = 20;
const MOST = 1000;
/** Seconds after which what waits is late. */
const LATE = 600;

const KINDS = { push: 'Pushes', event: 'Events', metric: 'Metrics' } as const;

export default function Spool(): JSX.Element {
  const limit = Math.min(MOST, askedNumber('limit', STEP));
  const spool = useLoad(`spool ${limit}`, (signal) => get<SpoolStatus>(['spool'], { limit }, signal), { every: LOOK_EVERY });
  const gates = useLoad('spool gates', (signal) => get<SpoolGateState[]>(['spool-gates'], {}, signal), { every: LOOK_EVERY });
  const act = useAct();
  return (
    <SpoolPage title="Spool" about="What came in, from its file until it is stored. Nothing leaves the spool before it is.">
      {act.failure !== null && <Failure of={act.failure} />}
      {gates.failure !== null && <Failure of={gates.failure} retry={gates.reload} />}
      <Show of={spool} lines={6}>{({ kinds, failed, more }) => (
        <div class="stack">
          <div class="cards">{kinds.map((depth) => <Depth key={depth.kind} of={depth} gate={gates.data?.find(({ kind }) => kind === depth.kind)} />)}</div>
          {kinds.every(isUnused) && <Card><Empty title="Nothing has come in yet" command={'pivo spool put event events.ndjson'}><p>Forges send their pushes to the addresses of <code>[[webhooks]]</code>; programs and people put events and metrics.</p></Empty></Card>}
          {failed.length > 0 && <Failed segments={failed} more={more} limit={limit} act={act} onDone={spool.reload} />}
        </div>
      )}</Show>
    </SpoolPage>
  );
}

const isUnused = ({ incoming, processing, failed, archive }: SpoolDepth): boolean => [incoming, processing, failed, archive].every(({ segments }) => segments === 0);

function Depth({ of: { kind, incoming, processing, failed, archive }, gate }: { of: SpoolDepth; gate: SpoolGateState | undefined }): JSX.Element {
  const lies = ({ segments, bytes }: { segments: number; bytes: number }): string => (segments === 0 ? 'none' : `${many(segments, 'segment')}, ${size(bytes)}`);
  return (
    <Card title={KINDS[kind]} aside={<GateBadge of={gate} />}>
      <div class="pad stack">
        <dl class="facts depth">
          <dt>Waiting</dt><dd>{lies(incoming)}{incoming.segments > 0 && <>, <span class={incoming.age > LATE ? 'late' : undefined}>the oldest for {duration(incoming.age)}</span></>}</dd>
          <dt>In work</dt><dd>{lies(processing)}</dd>
          <dt>Failed</dt><dd>{failed.segments === 0 ? 'none' : <Badge tone="bad">{lies(failed)}</Badge>}</dd>
          <dt>Archive</dt><dd>{lies(archive)}</dd>
          <dt>Last batch</dt><dd>{gate?.last == null ? 'none' : <><a href={at(['spool', 'batches', gate.last.tag])}>{many(gate.last.records, 'record')}</a> <Time of={gate.last.opened} /></>}</dd>
        </dl>
        {gate !== undefined && <Work of={gate} />}
      </div>
    </Card>
  );
}

function GateBadge({ of }: { of: SpoolGateState | undefined }): JSX.Element | null {
  if (of === undefined) return null;
  if (of.running === null) return <Badge tone="warn">gate unknown</Badge>;
  if (of.failure !== null) return <Badge tone="bad">gate held up</Badge>;
  if (!of.running) return <Badge tone="plain">gate closed</Badge>;
  return <Badge tone="busy">{of.open === null ? 'gate fills' : 'gate open'}</Badge>;
}

/** What the gate does, and what holds it up. */
function Work({ of: { running, open, progress, since, attempt, failure } }: { of: SpoolGateState }): JSX.Element | null {
  if (running === null) return <p class="note warn"><span>Temporal does not answer: what comes in waits. See <a href="/health">Health</a>.</span></p>;
  if (!running) return null;
  return (
    <>
      <p class="small">{progress === null ? 'between two steps' : shown(progress.phase)}{progress?.total !== undefined && `: ${count(progress.done ?? 0)} of ${count(progress.total)}`}{open !== null && <>, batch <a class="mono break" href={at(['spool', 'batches', open.tag])}>{open.tag}</a></>}{since !== null && <>, since <Time of={since} /></>}</p>
      {failure !== null && <p class="note bad"><strong>Attempt {count(attempt)}; the last one failed.</strong><span>{shown(failure)}</span><span class="quiet">It is tried until it works, and nothing is lost.</span></p>}
    </>
  );
}

function Failed({ segments, more, limit, act, onDone }: { segments: readonly FailedSegmentRow[]; more: number; limit: number; act: Act; onDone: () => void }): JSX.Element {
  const retry = (failed: string): void => void act.run(async () => (await post(['spool', 'replay'], { failed }), onDone()));
  return (
    <Card title="Failed segments" aside={<span class="quiet small">{many(segments.length + more, 'segment')}</span>}>
      <p class="told">They are kept as they came and hold up nothing. Correct what the reason names and try again, or have whoever wrote a damaged file put it once more.</p>
      <ul class="runs" aria-label="Failed segments">
        {segments.map((segment) => <FailedSegment key={`${segment.kind} ${segment.name}`} of={segment} busy={act.busy} retry={retry} />)}
      </ul>
      {more > 0 && limit < MOST && <p class="pad"><a class="button" href={here({ limit: Math.min(MOST, limit * 5) })}>Show more</a></p>}
    </Card>
  );
}

function FailedSegment({ of: { kind, name, bytes, reason, failed, tag }, busy, retry }: { of: FailedSegmentRow; busy: boolean; retry: (name: string) => void }): JSX.Element {
  return (
    <li>
      <div class="row apart">
        <span class="row"><Badge tone="plain">{kind}</Badge><span class="mono break">{shown(name)}</span></span>
        <span class="row small"><span class="quiet">{size(bytes)}</span>{failed !== null && <span class="quiet"><Time of={failed} /></span>}{tag !== null && <a href={at(['spool', 'batches', tag])}>Its batch</a>}</span>
      </div>
      <p class="break"><strong>{shown(reason)}</strong></p>
      <NextStep of={{ name, tag }} busy={busy} retry={retry} />
    </li>
  );
}

/** Only what is named as segments are can be taken again. */
function NextStep({ of: { name, tag }, busy, retry }: { of: Pick<FailedSegmentRow, 'name' | 'tag'>; busy: boolean; retry: (name: string) => void }): JSX.Element {
  if (tag === null) return <p class="small">Rename it in <code>failed/</code> as segments are named, then try it again; or remove it.</p>;
  if (token.value === null) return <Command text={`pivo spool replay --failed ${name}`} label={`Try again: ${shown(name)}`} />;
  return <div><button type="button" disabled={busy} aria-label={`Try again: ${shown(name)}`} onClick={() => retry(name)}>Try again</button></div>;
}
