import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantile as operation } from './quantile.js';

/** Of samples [from, to) of the values. */
function quantile(q: number, values: Float64Array, from: number, to: number): number {
  return operation.over(values, q).evaluate(from, to);
}

describe('a quantile', () => {
  test('interpolates between the closest ranks of the sorted samples', () => {
    const values = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (samples, q) => {
        const sorted = [...samples].sort((a, b) => a - b);
        const rank = q * (sorted.length - 1);
        const low = sorted[Math.floor(rank)]!;
        const high = sorted[Math.ceil(rank)]!;
        const expected = low + (high - low) * (rank - Math.floor(rank));
        expect(quantile(q, Float64Array.from([99, ...samples, -99]), 1, samples.length + 1)).toBeCloseTo(expected, 8);
      }),
    );
  });

  test('outside 0 to 1 is infinite, and of NaN is NaN', () => {
    const values = Float64Array.of(1, 2);
    expect([-0.1, 1.1, Number.NaN].map((q) => quantile(q, values, 0, 2))).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });

  test('leaves the samples in their order', () => {
    const values = Float64Array.of(3, 1, 2);
    expect(quantile(0.5, values, 0, 3)).toBe(2);
    expect([...values]).toEqual([3, 1, 2]);
  });

  test('of a window that slides is that of its samples, NaN below all numbers', () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Number.NaN, 1e300, -0.5));
    const values = fc.array(value, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(0, 0.3, 0.5, 0.99, 1),
        (samples, width, q) => {
          const window = operation.over(Float64Array.from(samples), q);
          for (let to = 1; to <= samples.length; to += 2) {
            const from = Math.max(0, to - width);
            const inside = samples.slice(from, to).sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
            const rank = q * (inside.length - 1);
            const low = Math.floor(rank);
            const high = Math.min(inside.length - 1, low + 1);
            const expected = inside[low]! * (1 - (rank - low)) + inside[high]! * (rank - low);
            expect(window.evaluate(from, to)).toBe(expected);
          }
        },
      ),
    );
  });
});
