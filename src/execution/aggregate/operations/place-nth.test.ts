import { describe, expect, it } from 'vitest';
import { placeNth } from './place-nth.js';

const shapes: Record<string, (i: number) => number> = {
  mixed: (i) => (Math.imul(i + 1, 2654435761) >>> 0) / 7,
  ascending: (i) => i,
  descending: (i) => -i,
  equal: () => 5,
  few: (i) => i % 3,
  'up and down': (i) => Math.min(i, 1000 - i),
  infinite: (i) => (i % 5 === 0 ? Number.POSITIVE_INFINITY : i % 7 === 0 ? Number.NEGATIVE_INFINITY : i),
};

describe('the n-th smallest value', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(`is where sorting puts it: ${name}`, () => {
      for (const count of [1, 2, 31, 32, 33, 1000]) {
        const values = Float64Array.from({ length: count }, (_, i) => shape(i));
        const sorted = values.toSorted();
        for (const n of new Set([0, 1, count >> 1, count - 2, count - 1])) {
          if (n < 0 || n >= count) continue;
          const placed = values.slice();
          placeNth(placed, n);
          expect(placed[n]).toBe(sorted[n]);
          expect(Math.max(...placed.subarray(0, n))).toBeLessThanOrEqual(sorted[n]!);
          expect(Math.min(...placed.subarray(n + 1))).toBeGreaterThanOrEqual(sorted[n]!);
          expect(placed.toSorted()).toEqual(sorted);
        }
      }
    });
  }

  it('is looked for from a place on', () => {
    const values = Float64Array.of(9, 8, ...Array.from({ length: 100 }, (_, i) => 100 - i));
    placeNth(values, 2, 2);
    expect([...values.subarray(0, 3)]).toEqual([9, 8, 1]);
  });
});
