// Counts of values in bins that grow by a tenth: any number of values in a fixed space, quantiles within 5 %.
import type { Binned } from '../contract/tuning.ts';

/** A bin's upper edge over its lower one. Source: Masson, Rim and Lee, "DDSketch", VLDB 2019, with relative accuracy 0.05. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Up to 2^53. */
const MOST_BINS = Math.ceil((53 * Math.LN2) / LOG_GROWTH) + 2;

/** Bin 0 holds what is below 1; bin i from GROWTH^(i - 1) to GROWTH^i. */
const binOf = (value: number): number => (value < 1 ? 0 : Math.min(MOST_BINS - 1, 1 + Math.floor(Math.log(value) / LOG_GROWTH)));
const edgeOf = (bin: number): number => (bin === 0 ? 0 : GROWTH ** (bin - 1));

/** Of values that are not negative. The largest is kept exactly. */
export class Histogram {
  count = 0;
  sum = 0;
  max = 0;
  #min = Number.POSITIVE_INFINITY;
  #bins = new Uint32Array(32);

  add(value: number): void {
    const bin = binOf(value);
    if (bin >= this.#bins.length) this.#grow(bin + 1);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
    if (value < this.#min) this.#min = value;
  }

  /** The value below which `share` of all lie, within 5 %; 0 of none. */
  quantile(share: number): number {
    if (this.count === 0) return 0;
    const rank = share * (this.count - 1);
    let below = 0;
    const bin = this.#bins.findIndex((count) => (below += count) > rank);
    const middle = bin === 0 ? 0 : (2 * edgeOf(bin) * GROWTH) / (1 + GROWTH);
    return Math.min(this.max, Math.max(this.#min, middle));
  }

  /** The bins from the first to the last with a value, joined until there are at most `most`. */
  binned(most = 40): Binned {
    const used = [...this.#bins.keys()].filter((bin) => (this.#bins[bin] ?? 0) > 0);
    const [first, last] = [used[0], used.at(-1)];
    if (first === undefined || last === undefined) return { edges: [], counts: [] };
    const width = Math.ceil((last - first + 1) / most);
    const starts = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, n) => first + n * width);
    const counts = starts.map((start) => this.#bins.slice(start, start + width).reduce((sum, count) => sum + count, 0));
    return { edges: [...starts, (starts.at(-1) ?? 0) + width].map((bin) => Math.round(edgeOf(bin) * 10) / 10), counts };
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.min(MOST_BINS, Math.max(length, this.#bins.length * 2)));
    larger.set(this.#bins);
    this.#bins = larger;
  }
}
