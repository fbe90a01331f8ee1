// What the resource optimizer is asked and what it reports: figures of a Spark application, findings, properties to change.
import { z } from 'zod';

export const OptimizeInput = z
  .strictObject({
    /** An event log of this machine, a rolling one's folder, or a folder of logs. */
    path: z.string().min(1).max(4_096).optional(),
    /** Address of a history server or of a driver's interface. Missing, with no path and no body: the one that the configuration names. */
    historyServer: z.url({ protocol: /^https?$/ }).max(2_000).optional(),
    /** The application's id, where there are several. */
    application: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/, 'letters, digits, "_", "." and "-"').optional(),
  })
  .refine(({ path, historyServer }) => path === undefined || historyServer === undefined, 'give either `path` or `historyServer`');
export type OptimizeRequest = z.output<typeof OptimizeInput>;

export type Severity = 'high' | 'medium' | 'low';

/** What made a rule fire: beyond `threshold` it does. */
export interface Figure {
  /** In words, such as `longest task over the median`. */
  what: string;
  value: number;
  threshold: number;
  unit: 'ratio' | 'share' | 'ms' | 'bytes' | 'count';
}

/** A Spark property that is to change. */
export interface PropertyChange {
  name: string;
  value: string;
  /** As the application ran; null where it was not set. */
  was: string | null;
  /** One line. */
  reason: string;
}

/** What the change is expected to save, computed from the figures. */
export interface Effect {
  low: number;
  high: number;
  /** Of the application's time, or of the time that slots were held. */
  unit: 'ms' | 'slot-ms';
  /** What the range supposes, one sentence. */
  assumption: string;
}

export interface StageName {
  id: number;
  attempt: number;
  name: string;
  /** `stage:{id}.{attempt}`. */
  link: string;
}

export interface TuningFinding {
  rule: string;
  severity: Severity;
  figure: Figure;
  /** The figure in one sentence. */
  says: string;
  /** Where it is worst; null for the application as a whole. */
  stage: StageName | null;
  /** Links of the other stages where the rule fired. */
  alsoIn: string[];
  /** What to change, one or two sentences. */
  change: string;
  properties: PropertyChange[];
  effect: Effect | null;
}

/** Counts in bins: bin i holds values from `edges[i]` up to `edges[i + 1]`. */
export interface Binned {
  edges: number[];
  counts: number[];
}

export interface TuningStage extends StageName {
  /** Milliseconds after the application's start; null where it never began or has not ended. */
  begun: number | null;
  ended: number | null;
  milliseconds: number;
  tasks: number;
  failedTasks: number;
  medianMilliseconds: number;
  maxMilliseconds: number;
  medianBytes: number;
  maxBytes: number;
  runMilliseconds: number;
  gcMilliseconds: number;
  fetchWaitMilliseconds: number;
  schedulerDelayMilliseconds: number;
  inputBytes: number;
  outputBytes: number;
  shuffleReadBytes: number;
  shuffleWriteBytes: number;
  memorySpilled: number;
  diskSpilled: number;
  peakExecutionMemory: number;
  /** Durations of its tasks, in milliseconds. */
  histogram: Binned;
}

/** Values over time, for plots: value i is of the `step` milliseconds that begin at i × step after the application's start. */
export interface TuningSeries {
  step: number;
  /** Tasks running, on average over the step. */
  activeTasks: number[];
  /** Executors registered, on average over the step. */
  executors: number[];
  /** Slots of those. */
  slots: number[];
  /** Highest heap that a task of the step saw on its executor, in bytes; null where none ended. */
  peakHeap: (number | null)[];
}

export interface TuningReport {
  application: { id: string; name: string; spark: string; master: string; started: string | null; ended: string | null };
  totals: {
    milliseconds: number;
    driverOnlyMilliseconds: number;
    tasks: number;
    failedTasks: number;
    retriedStages: number;
    executors: number;
    /** Tasks that could run at once, at most. */
    slots: number;
    /** Time that slots were held, and that tasks ran in them. */
    slotMilliseconds: number;
    taskMilliseconds: number;
    gcMilliseconds: number;
    diskSpilled: number;
    shuffleReadBytes: number;
    shuffleWriteBytes: number;
    /** Bytes; null where the log has no executor metrics. */
    peakHeap: number | null;
  };
  /** Worst first; empty: nothing to change. */
  findings: TuningFinding[];
  /** Findings that another one explains or contradicts. */
  setAside: { rule: string; stage: string | null; reason: string }[];
  /** Longest first. */
  stages: TuningStage[];
  /** A template for `spark-submit` in bash, with only the properties that change; null when none does. */
  submit: string | null;
  series: TuningSeries;
  /** What the reader has to know of the log itself, such as that it ends early. */
  notes: string[];
}

/** The report with its explanation. */
export interface ExplainedReport extends TuningReport {
  explanation: string;
  /** `pivo`, or the name of the model. */
  writtenBy: string;
}
