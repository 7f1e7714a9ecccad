import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PaneGrid } from './pane-grid.js';

const SECOND = 1e9;

test('a sample is in exactly the windows of its pane', () => {
  const grids = fc.record({
    start: fc.integer({ min: 0, max: 1000 }),
    steps: fc.integer({ min: 0, max: 20 }),
    step: fc.integer({ min: 1, max: 40 }),
    range: fc.integer({ min: 1, max: 100 }),
    offset: fc.integer({ min: -20, max: 20 }),
    unit: fc.constantFrom(1, 1000, SECOND),
    times: fc.array(fc.integer({ min: -200, max: 2000 }), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(grids, ({ start, steps, step, range, offset, unit, times }) => {
      const grid = new PaneGrid({
        start: BigInt(start * unit),
        end: BigInt((start + steps * step) * unit),
        stepNs: step * unit,
        rangeNs: range * unit,
        offsetNs: offset * unit,
      });
      for (const time of times) {
        const expected: number[] = [];
        for (let k = 0; k <= steps; k++) {
          const t = start + k * step - offset;
          if (time > t - range && time <= t) expected.push(k);
        }
        const found = grid.locate(time * unit - Number(grid.origin));
        expect(found).toBe(expected.length > 0);
        if (!found) continue;
        expect(Math.max(0, grid.firstWindow(grid.pane))).toBe(expected[0]);
        expect(Math.min(steps, grid.lastWindow(grid.pane))).toBe(expected.at(-1));
      }
    }),
  );
});

test('an instant query has one window, closed on the right and open on the left', () => {
  const grid = new PaneGrid({ start: 100n, end: 100n, stepNs: 0, rangeNs: 10, offsetNs: 0 });
  expect([-10, -9, 0, 1].map((x) => grid.locate(x))).toEqual([false, true, true, false]);
});

test('window bounds are exact where the quotient of doubles is not', () => {
  const stepNs = 60 * SECOND;
  const grid = new PaneGrid({ start: 0n, end: BigInt(stepNs) * 100_000n, stepNs, rangeNs: stepNs, offsetNs: 0 });
  const bound = stepNs * 99_999;
  expect(grid.locate(bound) && grid.firstWindow(grid.pane)).toBe(99_999);
  expect(grid.locate(bound + 1) && grid.firstWindow(grid.pane)).toBe(100_000);
});
