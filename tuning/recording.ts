// What is known of one application, grown event by event in a space that does not grow with its tasks.
import type { PlannedJoin } from './plan.ts';
import { Stage, type TaskFacts } from './stage.ts';
import { Timeline } from './timeline.ts';

/** Beyond it, the shortest half of the stages that have ended is kept in the totals only. */
const MOST_STAGES = 4_000;
const MOST_JOINS = 2_000;
const MOST_EXECUTORS = 50_000;

export interface ExecutorFacts {
  cores: number;
  added: number;
  removed: number | null;
}

const NO_TIMES = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };

export class Recording {
  id = '';
  name = '';
  spark = '';
  /** Since the epoch, milliseconds, as all times here. */
  started: number | null = null;
  ended: number | null = null;
  properties: Readonly<Record<string, string>> = {};
  readonly executors = new Map<string, ExecutorFacts>();
  readonly joins = new Map<string, PlannedJoin>();
  readonly notes = new Set<string>();
  readonly totals = { tasks: 0, failed: 0, retriedStages: 0, busy: 0, run: 0, gc: 0, diskSpilled: 0, shuffleRead: 0, shuffleWrite: 0, peakHeap: 0 };
  readonly #stages = new Map<string, Stage>();
  readonly #tasksOf = new Map<string, number>();
  /** Values of SQL metrics, by accumulator: sizes that exchanges wrote. */
  readonly #sizes = new Map<number, number>();
  readonly #timeline = new Timeline();
  #times = { ...NO_TIMES };
  #left = 0;

  get stages(): Stage[] {
    return [...this.#stages.values()];
  }

  stage(id: number, attempt: number): Stage {
    const key = `${id}.${attempt}`;
    const known = this.#stages.get(key);
    if (known !== undefined) return known;
    if (this.#stages.size >= MOST_STAGES) this.#leaveShortStages();
    const stage = new Stage(id, attempt);
    this.#stages.set(key, stage);
    if (attempt > 0) this.totals.retriedStages++;
    return stage;
  }

  executorAdded(id: string, cores: number, time: number): void {
    this.saw(time);
    if (this.executors.size >= MOST_EXECUTORS) this.notes.add(`Executors after the first ${MOST_EXECUTORS} are not counted.`);
    else this.executors.set(id, { cores, added: time, removed: null });
  }

  executorRemoved(id: string, time: number): void {
    this.saw(time);
    const executor = this.executors.get(id);
    if (executor !== undefined) executor.removed = time;
  }

  took(task: TaskFacts): void {
    this.saw(task.launch);
    this.saw(task.finish);
    const before = this.#tasksOf.get(task.executor) ?? 0;
    this.#tasksOf.set(task.executor, before + 1);
    this.stage(task.stage, task.attempt).took(task, before < this.slotsOf(this.executors.get(task.executor)?.cores ?? 1));
    this.#timeline.ran(task.launch - this.begin, task.finish - this.begin, task.heap);
    this.#count(task);
  }

  #count(task: TaskFacts): void {
    const { totals } = this;
    totals.tasks++;
    if (task.outcome === 'failed') totals.failed++;
    totals.busy += Math.max(0, task.finish - task.launch);
    totals.run += task.run;
    totals.gc += task.gc;
    totals.diskSpilled += task.diskSpilled;
    totals.shuffleRead += task.shuffleRead;
    totals.shuffleWrite += task.shuffleWrite;
    totals.peakHeap = Math.max(totals.peakHeap, task.heap);
  }

  /** The joins of one query as they are planned now, in place of those planned before. */
  planned(execution: string, joins: readonly PlannedJoin[]): void {
    for (const [key, join] of this.joins) if (join.execution === execution) this.joins.delete(key);
    for (const [at, join] of joins.entries()) {
      if (this.joins.size >= MOST_JOINS) this.notes.add(`Joins after the first ${MOST_JOINS} are not looked at.`);
      else this.joins.set(`${execution}/${at}`, join);
    }
  }

  /** A SQL metric as a stage or the driver told it last. */
  metric(id: number, value: number): void {
    if (this.#sizes.size < 100_000 || this.#sizes.has(id)) this.#sizes.set(id, value);
  }

  /** Null where nobody told it. */
  metricOf(id: number): number | null {
    return this.#sizes.get(id) ?? null;
  }

  saw(time: number): void {
    if (time <= 0) return;
    if (time < this.#times.first) this.#times.first = time;
    if (time > this.#times.last) this.#times.last = time;
  }

  /** Since the epoch: the application's start, or the first thing that is known of it. */
  get begin(): number {
    return this.started ?? (Number.isFinite(this.#times.first) ? this.#times.first : 0);
  }

  get end(): number {
    return Math.max(this.begin, this.ended ?? (Number.isFinite(this.#times.last) ? this.#times.last : this.begin));
  }

  /** Tasks that so many cores run at once. */
  slotsOf(cores: number): number {
    return Math.max(1, Math.floor(cores / Math.max(1, Number(this.properties['spark.task.cpus'] ?? 1) || 1)));
  }

  series(): ReturnType<Timeline['series']> {
    return this.#timeline.series(this.end - this.begin);
  }

  #leaveShortStages(): void {
    const ended = this.stages.filter((stage) => stage.ended !== null).toSorted((one, other) => one.milliseconds - other.milliseconds);
    const leaving = ended.length === 0 ? this.stages.slice(0, MOST_STAGES / 2) : ended.slice(0, Math.ceil(ended.length / 2));
    for (const { id, attempt } of leaving) this.#stages.delete(`${id}.${attempt}`);
    this.#left += leaving.length;
    for (const note of this.notes) if (note.endsWith('are in the totals only.')) this.notes.delete(note);
    this.notes.add(`${this.#left} of the shortest stages are in the totals only.`);
  }
}
