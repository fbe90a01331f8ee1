// From a recording to the report: figures, findings worst first, plots, the template.
import type { Binned, StageName, TuningFinding, TuningReport, TuningSeries, TuningStage } from '../contract/tuning.ts';
import { oneValueEach, settled, type PerStage } from './conflicts.ts';
import { Figures } from './figures.ts';
import type { Recording } from './recording.ts';
import { RULES } from './rules/index.ts';
import { severityOf, type Fired } from './rules/rule.ts';
import type { Stage } from './stage.ts';
import { submitTemplate } from './submit.ts';

/** Stages that a report tells of, the longest. */
const MOST_STAGES = 50;

export function reportOf(recording: Recording): TuningReport {
  const figures = new Figures(recording);
  const found = RULES.flatMap(({ id, find }) => find(figures).map((fired) => perStage(id, fired, figures)));
  const { findings: standing, setAside } = settled(found);
  const findings = joined(standing);
  return {
    application: applicationOf(recording),
    totals: totalsOf(figures),
    findings,
    setAside,
    stages: figures.stages.toSorted((one, other) => other.milliseconds - one.milliseconds).slice(0, MOST_STAGES).map((stage) => stageOf(stage, recording.begin)),
    submit: submitTemplate(oneValueEach(findings)),
    series: seriesOf(figures),
    notes: [...recording.notes],
  };
}

function perStage(rule: string, { stage, ...fired }: Fired, figures: Figures): PerStage {
  return { rule, severity: severityOf(fired.effect, figures), ...fired, stage: stage === null ? null : nameOf(stage) };
}

const nameOf = ({ id, attempt, name, link }: Stage): StageName => ({ id, attempt, name, link });

const RANK = { high: 0, medium: 1, low: 2 } as const;
const byWorst = (one: PerStage, other: PerStage): number => RANK[one.severity] - RANK[other.severity] || (other.effect?.high ?? 0) - (one.effect?.high ?? 0);

/** One finding a rule: that of the stage where it is worst, with the properties that the others ask for too. */
function joined(found: readonly PerStage[]): TuningFinding[] {
  const sorted = found.toSorted(byWorst);
  return [...Map.groupBy(sorted, ({ rule }) => rule).values()].map(([worst, ...others]) => ({
    ...(worst as PerStage),
    alsoIn: others.flatMap(({ stage }) => (stage === null ? [] : [stage.link])),
    properties: oneValueOf([worst as PerStage, ...others]),
  }));
}

const oneValueOf = (findings: readonly PerStage[]): TuningFinding['properties'] => oneValueEach(findings).map((property) => ({ ...property, reason: property.reason.replace(/^[\w-]+: /, '') }));

function applicationOf({ id, name, spark, started, ended, properties }: Recording): TuningReport['application'] {
  const instant = (time: number | null): string | null => (time === null || time > 8.64e15 ? null : new Date(time).toISOString());
  return { id: id || (properties['spark.app.id'] ?? ''), name: name || (properties['spark.app.name'] ?? ''), spark, master: properties['spark.master'] ?? '', started: instant(started), ended: instant(ended) };
}

function totalsOf(figures: Figures): TuningReport['totals'] {
  const { totals } = figures.recording;
  return {
    milliseconds: figures.milliseconds,
    driverOnlyMilliseconds: figures.milliseconds - stagesTime(figures),
    tasks: totals.tasks,
    failedTasks: totals.failed,
    retriedStages: totals.retriedStages,
    executors: figures.mostExecutors,
    slots: figures.slots,
    slotMilliseconds: Math.round(figures.slotMilliseconds),
    taskMilliseconds: totals.busy,
    gcMilliseconds: totals.gc,
    diskSpilled: totals.diskSpilled,
    shuffleReadBytes: totals.shuffleRead,
    shuffleWriteBytes: totals.shuffleWrite,
    peakHeap: totals.peakHeap === 0 ? null : totals.peakHeap,
  };
}

/** Time in which a stage ran. */
function stagesTime({ stages, gaps }: Figures): number {
  const [first, last] = [Math.min(...stages.map(({ begun }) => begun ?? Number.POSITIVE_INFINITY)), Math.max(...stages.map(({ ended }) => ended ?? 0))];
  return last <= first ? 0 : last - first - gaps.reduce((sum, { from, to }) => sum + to - from, 0);
}

function stageOf(stage: Stage, begin: number): TuningStage {
  const { sums, durations, bytes } = stage;
  const after = (time: number | null): number | null => (time === null ? null : time - begin);
  return {
    ...nameOf(stage),
    begun: after(stage.begun),
    ended: after(stage.ended),
    milliseconds: stage.milliseconds,
    tasks: durations.count,
    failedTasks: stage.failed,
    medianMilliseconds: Math.round(durations.quantile(0.5)),
    maxMilliseconds: durations.max,
    medianBytes: Math.round(bytes.quantile(0.5)),
    maxBytes: bytes.max,
    runMilliseconds: sums.run,
    gcMilliseconds: sums.gc,
    fetchWaitMilliseconds: sums.fetchWait,
    schedulerDelayMilliseconds: Math.round(stage.schedulerDelay),
    inputBytes: sums.input,
    outputBytes: sums.output,
    shuffleReadBytes: sums.shuffleRead,
    shuffleWriteBytes: sums.shuffleWrite,
    memorySpilled: sums.memorySpilled,
    diskSpilled: sums.diskSpilled,
    peakExecutionMemory: stage.peakExecution,
    histogram: durations.binned() satisfies Binned,
  };
}

function seriesOf(figures: Figures): TuningSeries {
  const { recording } = figures;
  const { step, activeTasks, peakHeap } = recording.series();
  const spans = activeTasks.map((_, at) => ({ from: recording.begin + at * step, to: Math.min(recording.end, recording.begin + (at + 1) * step) }));
  const average = (sum: number, { from, to }: { from: number; to: number }): number => (to > from ? Math.round((100 * sum) / (to - from)) / 100 : 0);
  return {
    step,
    activeTasks,
    peakHeap,
    slots: spans.map((span) => average(figures.slotsIn(span), span)),
    executors: spans.map((span) => average(figures.executorsIn(span), span)),
  };
}
