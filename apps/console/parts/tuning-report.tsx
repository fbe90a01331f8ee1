// A tuning report: what to change and why, the template for spark-submit, plots over time, and the stages.
import type { JSX } from 'preact';
import type { Binned, ExplainedReport, Figure, Severity, TuningFinding, TuningReport } from '../../../contract/tuning.ts';
import { count, duration, many, shown, size } from '../format.ts';
import { WrittenBy } from './assistant.tsx';
import { Bars } from './bars.tsx';
import { Command } from './command.tsx';
import { lazyPart } from './lazy.tsx';
import { Card } from './page.tsx';
import { Empty } from './state.tsx';
import { Table } from './table.tsx';
import { Badge, type Tone } from './words.tsx';

const Markdown = lazyPart(() => import('./markdown.tsx'), 3);
const Plot = lazyPart(() => import('./plot.tsx'), 6);

const TONES: Record<Severity, Tone> = { high: 'bad', medium: 'warn', low: 'plain' };
const seconds = (milliseconds: number): string => duration(milliseconds / 1000);
const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function TuningView({ of }: { of: ExplainedReport }): JSX.Element {
  return (
    <div class="stack">
      <Totals of={of} />
      {of.notes.length > 0 && <div class="note warn">{of.notes.map((note) => <p key={note}>{shown(note)}</p>)}</div>}
      <Card title="What to change">{of.findings.length === 0 ? <Empty title="Nothing to change">{of.explanation}</Empty> : <ol class="runs">{of.findings.map((finding) => <Finding key={`${finding.rule} ${finding.stage?.link}`} of={finding} />)}</ol>}</Card>
      {of.submit !== null && <Card title="Template"><div class="pad"><Command text={of.submit} label="spark-submit with the changed properties" /></div></Card>}
      {of.findings.length > 0 && <Explained of={of} />}
      <Plots of={of} />
      <Stages of={of} />
    </div>
  );
}

function Totals({ of: { application, totals } }: { of: TuningReport }): JSX.Element {
  const used = totals.slotMilliseconds === 0 ? null : totals.taskMilliseconds / totals.slotMilliseconds;
  const figures: [string, string][] = [
    ['Took', seconds(totals.milliseconds)],
    ['Tasks', count(totals.tasks)],
    ['Executors', `${count(totals.executors)}, ${many(totals.slots, 'slot')}`],
    ['Slots in use', used === null ? '–' : percent(used)],
    ['Spilled to disk', size(totals.diskSpilled)],
    ['Peak heap', totals.peakHeap === null ? '–' : size(totals.peakHeap)],
  ];
  return (
    <>
      <h2>{shown(application.name)} <span class="quiet small">{application.id}, Spark {application.spark}, {shown(application.master)}</span></h2>
      <dl class="figures">{figures.map(([name, value]) => <div key={name} class="figure"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </>
  );
}

const SHOWN: Record<Figure['unit'], (value: number) => string> = { ratio: (value) => `${value.toFixed(1)} ×`, share: percent, ms: seconds, bytes: size, count: (value) => count(Math.round(value)) };

function Finding({ of: { rule, severity, figure, says, stage, alsoIn, change, properties, effect } }: { of: TuningFinding }): JSX.Element {
  const show = SHOWN[figure.unit];
  return (
    <li>
      <p class="row apart"><strong>{shown(says)}</strong><Badge tone={TONES[severity]}>{severity}</Badge></p>
      <p>{shown(change)}</p>
      <p class="quiet small">{rule}: {figure.what} {show(figure.value)}, fires beyond {show(figure.threshold)}{stage === null ? '' : `; ${stage.link}, ${shown(stage.name)}`}{alsoIn.length === 0 ? '' : `; also in ${alsoIn.join(', ')}`}</p>
      {properties.length > 0 && <dl class="facts">{properties.map(({ name, value, was, reason }) => <><dt key={`${name}t`}><code class="break">{name}={value}</code></dt><dd key={`${name}d`}>{reason}{was === null ? '' : ` (was ${was})`}</dd></>)}</dl>}
      {effect !== null && <p class="quiet small">Expected to save {seconds(effect.low)} to {seconds(effect.high)}{effect.unit === 'slot-ms' ? ' of slot time' : ''}: {effect.assumption}</p>}
    </li>
  );
}

/** Drafted from the findings it says nothing that they do not. */
function Explained({ of: { explanation, writtenBy } }: { of: ExplainedReport }): JSX.Element {
  return (
    <details class="card" open={writtenBy !== 'pivo'}>
      <summary class="card-head"><h2>In words</h2></summary>
      <div class="pad stack"><Markdown text={shown(explanation)} /><WrittenBy who={writtenBy} /></div>
    </details>
  );
}

function Plots({ of: { series, stages } }: { of: TuningReport }): JSX.Element {
  const times = series.activeTasks.map((_, i) => (i * series.step) / 1000);
  const longest = stages[0];
  return (
    <div class="cards two">
      <Card title="Tasks and slots"><Plot label="Tasks running and slots held, by seconds since the start" times={times} series={[{ label: 'slots', values: series.slots }, { label: 'tasks', values: series.activeTasks }]} value={(value) => count(Math.round(value))} /></Card>
      {series.peakHeap.some((value) => value !== null) && <Card title="Heap"><Plot label="Highest heap of an executor, by seconds since the start" times={times} series={[{ label: 'heap', values: series.peakHeap }]} value={size} /></Card>}
      {longest !== undefined && <Card title={`Tasks of stage ${longest.id}`}><Histogram of={longest.histogram} /></Card>}
    </div>
  );
}

/** How many tasks took how long. */
function Histogram({ of: { edges, counts } }: { of: Binned }): JSX.Element {
  const bars = counts.map((tasks, i) => ({ label: `${many(tasks, 'task')} of ${seconds(edges[i] ?? 0)} to ${seconds(edges[i + 1] ?? edges[i] ?? 0)}`, parts: [{ tone: 'busy' as const, value: tasks }] }));
  return <Bars label="Durations of the tasks of the longest stage" bars={bars} from={seconds(edges[0] ?? 0)} to={seconds(edges.at(-1) ?? 0)} />;
}

function Stages({ of: { stages } }: { of: TuningReport }): JSX.Element {
  return (
    <Card title="Stages, longest first">
      <Table label="Stages" rows={stages.slice(0, 50)} of={({ link }) => link} columns={[
        { title: 'Stage', cell: ({ link }) => <code>{link}</code> },
        { title: 'Name', kind: 'wide', minor: true, cell: ({ name }) => <span class="break">{shown(name)}</span> },
        { title: 'Took', kind: 'number', cell: ({ milliseconds }) => seconds(milliseconds) },
        { title: 'Tasks', kind: 'number', cell: ({ tasks }) => count(tasks) },
        { title: 'Median', kind: 'number', minor: true, cell: ({ medianMilliseconds }) => seconds(medianMilliseconds) },
        { title: 'Longest', kind: 'number', cell: ({ maxMilliseconds }) => seconds(maxMilliseconds) },
        { title: 'Spilled', kind: 'number', minor: true, cell: ({ diskSpilled }) => size(diskSpilled) },
        { title: 'Shuffle read', kind: 'number', minor: true, cell: ({ shuffleReadBytes }) => size(shuffleReadBytes) },
      ]} />
    </Card>
  );
}
