// What happened over time, in a fixed number of steps that grow with the application.

const STEPS = 240;
const FIRST_STEP = 100;

/** Times are milliseconds after the application's start. */
export class Timeline {
  step = FIRST_STEP;
  #busy = new Float64Array(STEPS);
  #peak = new Float64Array(STEPS);

  /** A task ran from one time to another, and saw `heap` bytes in use on its executor. */
  ran(from: number, to: number, heap: number): void {
    const [begin, end] = [Math.max(0, from), Math.max(0, to)];
    while (end >= this.step * STEPS) this.#widen();
    for (let at = Math.floor(begin / this.step); at * this.step < end; at++) {
      this.#busy[at] = (this.#busy[at] ?? 0) + Math.min(end, (at + 1) * this.step) - Math.max(begin, at * this.step);
    }
    const last = Math.floor(end / this.step);
    this.#peak[last] = Math.max(this.#peak[last] ?? 0, heap);
  }

  /** Tasks running on average, and the highest heap, of each step up to `end`. */
  series(end: number): { step: number; activeTasks: number[]; peakHeap: (number | null)[] } {
    while (end >= this.step * STEPS) this.#widen();
    const steps = Math.max(1, Math.ceil(end / this.step));
    return {
      step: this.step,
      activeTasks: Array.from(this.#busy.subarray(0, steps), (busy) => Math.round((100 * busy) / this.step) / 100),
      peakHeap: Array.from(this.#peak.subarray(0, steps), (peak) => (peak === 0 ? null : peak)),
    };
  }

  /** Joins each two steps into one of twice the length. */
  #widen(): void {
    for (let at = 0; at < STEPS; at++) {
      const [one, other] = [2 * at, 2 * at + 1];
      this.#busy[at] = (this.#busy[one] ?? 0) + (this.#busy[other] ?? 0);
      this.#peak[at] = Math.max(this.#peak[one] ?? 0, this.#peak[other] ?? 0);
    }
    this.step *= 2;
  }
}
