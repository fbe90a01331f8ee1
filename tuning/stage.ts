// One attempt of a stage: sums and distributions of its tasks.
import { Histogram } from './histogram.ts';

/** A task that has ended, whoever told of it. Times in milliseconds, sizes in bytes. */
export interface TaskFacts {
  stage: number;
  attempt: number;
  executor: string;
  /** Since the epoch. */
  launch: number;
  finish: number;
  outcome: 'success' | 'failed' | 'killed';
  /** Why it failed, in Spark's word, such as `FetchFailed`. */
  reason: string | null;
  run: number;
  /** Of a processor, within `run`. */
  cpu: number;
  gc: number;
  deserialize: number;
  resultSerialize: number;
  gettingResult: number;
  fetchWait: number;
  shuffleWriteTime: number;
  input: number;
  output: number;
  shuffleRead: number;
  shuffleWrite: number;
  memorySpilled: number;
  diskSpilled: number;
  peakExecution: number;
  /** In use on the executor's heap; 0 where it was not recorded. */
  heap: number;
}

/** What tasks are summed over. */
const SUMS = ['run', 'cpu', 'gc', 'deserialize', 'resultSerialize', 'gettingResult', 'fetchWait', 'shuffleWriteTime', 'input', 'output', 'shuffleRead', 'shuffleWrite', 'memorySpilled', 'diskSpilled'] as const;
type Sums = Record<(typeof SUMS)[number], number>;

export class Stage {
  readonly id: number;
  readonly attempt: number;
  name = '';
  /** Since the epoch. */
  begun: number | null = null;
  ended: number | null = null;
  /** As planned; what has ended may be fewer. */
  planned = 0;
  /** Why it failed; null when it did not. */
  failure: string | null = null;
  failed = 0;
  killed = 0;
  /** Time of tasks that failed. */
  failedMilliseconds = 0;
  peakExecution = 0;
  schedulerDelay = 0;
  /** Tasks that were among the first of their executor, which pay for what it loads. */
  firstOnes = 0;
  /** Longest task that was not among those, and where it ran. */
  longestWarm: { milliseconds: number; executor: string } = { milliseconds: 0, executor: '' };
  readonly sums: Sums = Object.fromEntries(SUMS.map((name) => [name, 0])) as Sums;
  readonly durations = new Histogram();
  /** What each task read. */
  readonly bytes = new Histogram();
  readonly failures = new Map<string, number>();

  constructor(id: number, attempt: number) {
    this.id = id;
    this.attempt = attempt;
  }

  get link(): string {
    return `stage:${this.id}.${this.attempt}`;
  }

  /** From its submission to its end; where one is missing, what its tasks took in all. */
  get milliseconds(): number {
    return this.begun === null || this.ended === null ? 0 : Math.max(0, this.ended - this.begun);
  }

  /** `isFirst`: the executor had run nothing in that slot. */
  took(task: TaskFacts, isFirst: boolean): void {
    const duration = Math.max(0, task.finish - task.launch);
    if (task.outcome !== 'success') return this.#lost(task, duration);
    for (const name of SUMS) this.sums[name] += task[name];
    this.peakExecution = Math.max(this.peakExecution, task.peakExecution);
    this.schedulerDelay += Math.max(0, duration - task.run - task.deserialize - task.resultSerialize - task.gettingResult); // as Spark's own pages compute it
    this.durations.add(duration);
    this.bytes.add(task.input + task.shuffleRead);
    if (isFirst) this.firstOnes++;
    else if (duration > this.longestWarm.milliseconds) this.longestWarm = { milliseconds: duration, executor: task.executor };
  }

  #lost({ outcome, reason }: TaskFacts, duration: number): void {
    if (outcome === 'killed') {
      this.killed++;
      return;
    }
    this.failed++;
    this.failedMilliseconds += duration;
    const why = (reason ?? 'unknown').slice(0, 100);
    if (this.failures.size < 20 || this.failures.has(why)) this.failures.set(why, (this.failures.get(why) ?? 0) + 1);
  }
}
