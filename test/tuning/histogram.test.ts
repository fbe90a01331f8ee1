// The histogram: quantiles within 5 % of the true ones, whatever the values.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from '../../tuning/histogram.ts';

const values = fc.array(fc.oneof(fc.nat(10), fc.nat(100_000), fc.nat(Number.MAX_SAFE_INTEGER)), { minLength: 1, maxLength: 300 });

it('answers each quantile within 5 % of the true value', () => {
  fc.assert(fc.property(values, fc.constantFrom(0, 0.25, 0.5, 0.9, 1), (all, share) => {
    const histogram = new Histogram();
    for (const value of all) histogram.add(value);
    const sorted = all.toSorted((one, other) => one - other);
    const exact = sorted[Math.floor(share * (all.length - 1))] ?? 0;
    expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(0.05 * exact + 1e-6);
  }));
});

it('holds each value once in its bins, however few they are', () => {
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 60 }), (all, most) => {
    const histogram = new Histogram();
    for (const value of all) histogram.add(value);
    const { edges, counts } = histogram.binned(most);
    expect(counts.length).toBeLessThanOrEqual(most);
    expect(edges).toHaveLength(counts.length + 1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
    expect(edges).toEqual(edges.toSorted((one, other) => one - other));
  }));
});
