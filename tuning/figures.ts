// What rules look at: a recording with its slots, its gaps, and its properties as numbers.
import type { ExecutorFacts, Recording } from './recording.ts';
import type { Stage } from './stage.ts';

export interface Span {
  from: number;
  to: number;
}

const lengthOf = ({ from, to }: Span): number => Math.max(0, to - from);
const overlap = (one: Span, other: Span): number => Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };
/** What Spark keeps for itself of a heap. Source: UnifiedMemoryManager.RESERVED_SYSTEM_MEMORY_BYTES. */
const RESERVED = 300 * 2 ** 20;

/** Bytes of a size as Spark writes it, such as `640m`, `1.5 GiB` or `1g`; `unit` is of a bare number. Null for what is none. */
export function bytesOf(text: string, unit = 'b'): number | null {
  const [, number, letter] = /^\s*(-?\d+(?:\.\d+)?)\s*([bkmgtp])?(?:i?b)?\s*$/i.exec(text) ?? [];
  return number === undefined ? null : Number(number) * (UNITS[(letter ?? unit).toLowerCase()] ?? 1);
}

export class Figures {
  readonly recording: Recording;
  /** Attempts that ran tasks, in the order of their begin. */
  readonly stages: readonly Stage[];
  /** Times when no stage ran, after the first had begun and before the last ended. */
  readonly gaps: readonly Span[];
  /** Time of the application, milliseconds. */
  readonly milliseconds: number;
  readonly executors: readonly ExecutorFacts[];
  /** Time that slots were held. */
  readonly slotMilliseconds: number;
  /** Most slots held at once. */
  readonly slots: number;
  readonly mostExecutors: number;

  constructor(recording: Recording) {
    this.recording = recording;
    this.stages = recording.stages.filter(({ durations, failed }) => durations.count + failed > 0).toSorted((one, other) => (one.begun ?? 0) - (other.begun ?? 0));
    this.milliseconds = recording.end - recording.begin;
    this.gaps = gapsOf(this.stages.flatMap(({ begun, ended }) => (begun === null || ended === null ? [] : [{ from: begun, to: ended }])));
    const own = [...recording.executors].filter(([id]) => id !== 'driver').map(([, executor]) => executor);
    this.executors = own.length > 0 ? own : [...recording.executors.values()];
    this.slotMilliseconds = this.slotsIn({ from: recording.begin, to: recording.end });
    this.slots = Math.max(1, mostAtOnce(this.executors, ({ cores }) => recording.slotsOf(cores)));
    this.mostExecutors = mostAtOnce(this.executors, () => 1);
  }

  /** Tasks ran within the driver: no executor can be given back or added. */
  get isLocal(): boolean {
    return this.recording.executors.has('driver') || this.executors.length === 0;
  }

  property(name: string): string | null {
    return this.recording.properties[name] ?? null;
  }

  /** Since Spark 3.2 queries are adapted while they run unless that is switched off. */
  get isAdaptive(): boolean {
    const set = this.property('spark.sql.adaptive.enabled');
    if (set !== null) return set === 'true';
    const [major = 3, minor = 2] = this.recording.spark.split('.').map(Number);
    return major > 3 || (major === 3 && minor >= 2);
  }

  get shufflePartitions(): number {
    return Number(this.property('spark.sql.shuffle.partitions') ?? 200) || 200;
  }

  /** Heap of one executor, bytes. */
  get heap(): number {
    return bytesOf(this.property(this.isLocal ? 'spark.driver.memory' : 'spark.executor.memory') ?? '1g', 'm') ?? 2 ** 30;
  }

  /** What a task may use for sorts, joins and aggregations when all slots of its executor are in use. */
  get memoryOfTask(): number {
    return Math.max(2 ** 20, ((this.heap - RESERVED) * this.memoryFraction) / this.slotsOfExecutor);
  }

  get memoryFraction(): number {
    return Number(this.property('spark.memory.fraction') ?? 0.6) || 0.6;
  }

  get slotsOfExecutor(): number {
    return Math.max(1, Math.round(this.slots / Math.max(1, this.mostExecutors)));
  }

  /** The heap that gives each task so much memory for its work. */
  heapFor(memoryOfTask: number): number {
    return RESERVED + (memoryOfTask * this.slotsOfExecutor) / this.memoryFraction;
  }

  /** A stage's share of the application's time. */
  share({ milliseconds }: Stage): number {
    return this.milliseconds === 0 ? 0 : milliseconds / this.milliseconds;
  }

  /** Slot-milliseconds held within a span. */
  slotsIn(span: Span): number {
    return this.#held(span, ({ cores }) => this.recording.slotsOf(cores));
  }

  /** Executor-milliseconds held within a span. */
  executorsIn(span: Span): number {
    return this.#held(span, () => 1);
  }

  #held(span: Span, weight: (executor: ExecutorFacts) => number): number {
    return this.executors.reduce((sum, executor) => sum + weight(executor) * overlap(span, { from: executor.added, to: executor.removed ?? this.recording.end }), 0);
  }

  /** Slots held on average while a stage ran. */
  slotsOf({ begun, ended }: Stage): number {
    const span = { from: begun ?? 0, to: ended ?? 0 };
    return lengthOf(span) === 0 ? this.slots : Math.max(1, this.slotsIn(span) / lengthOf(span));
  }

  /** Most of its time another stage ran too, which used the slots that it left. */
  isBesideOthers(stage: Stage): boolean {
    const own = { from: stage.begun ?? 0, to: stage.ended ?? 0 };
    const others = this.stages.reduce((sum, each) => sum + (each === stage ? 0 : overlap(own, { from: each.begun ?? 0, to: each.ended ?? 0 })), 0);
    return others > lengthOf(own) / 2;
  }
}

function gapsOf(spans: readonly Span[]): Span[] {
  const sorted = spans.toSorted((one, other) => one.from - other.from);
  const gaps: Span[] = [];
  let until = sorted[0]?.to ?? 0;
  for (const { from, to } of sorted) {
    if (from > until) gaps.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  return gaps;
}

function mostAtOnce(executors: readonly ExecutorFacts[], weight: (executor: ExecutorFacts) => number): number {
  const turns = executors.flatMap((executor) => [{ at: executor.added, by: weight(executor) }, ...(executor.removed === null ? [] : [{ at: executor.removed, by: -weight(executor) }])]);
  let [now, most] = [0, 0];
  for (const { by } of turns.toSorted((one, other) => one.at - other.at || one.by - other.by)) most = Math.max(most, (now += by));
  return most;
}
