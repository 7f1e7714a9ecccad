import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StateOperation } from './operations/operation.js';
import { RANGE_OPERATIONS, VECTOR_OPERATIONS } from './operations/table.js';
import { PaneGrid } from './pane-grid.js';
import { SlidingWindow } from './sliding-window.js';

type Sample = readonly [time: number, value: number];

interface Grid {
  readonly steps: number;
  readonly step: number;
  readonly range: number;
}

const OPERATIONS = [...Object.values(RANGE_OPERATIONS), ...Object.values(VECTOR_OPERATIONS)].filter(
  (operation): operation is StateOperation => operation.kind === 'states',
);
const { sum, min, max } = VECTOR_OPERATIONS;

/** By way of panes. */
function windows(operation: StateOperation, { steps, step, range }: Grid, samples: readonly Sample[]) {
  const grid = new PaneGrid({
    start: 0n,
    end: BigInt(steps * step),
    stepNs: step,
    rangeNs: range,
    offsetNs: 0,
  });
  const width = operation.width;
  const byPane = new Map<number, Float64Array>();
  for (const [time, value] of samples) {
    if (!grid.locate(time)) continue;
    const state = new Float64Array(width);
    operation.start(state, 0, value, time);
    const before = byPane.get(grid.pane);
    if (before) operation.merge(before, 0, state, 0);
    else byPane.set(grid.pane, state);
  }
  const panes = Int32Array.from(byPane.keys()).sort();
  if (panes.length === 0) return Array.from({ length: grid.steps }, () => null);
  const states = Float64Array.from([...panes].flatMap((pane) => [...byPane.get(pane)!]));
  const values = new Float64Array(grid.steps + 3);
  const present = new Uint8Array(grid.steps + 3);
  new SlidingWindow(operation, grid).evaluate(panes, states, values, present, 2);
  expect([present[0], present[1], present.at(-1)]).toEqual([0, 0, 0]);
  return Array.from({ length: grid.steps }, (_, k) => (present[k + 2] === 1 ? values[k + 2]! : null));
}

/** From the definition: every window merges its own samples in order. */
function naive(operation: StateOperation, { steps, step, range }: Grid, samples: readonly Sample[]) {
  const width = operation.width;
  return Array.from({ length: steps + 1 }, (_, k) => {
    const inside = samples.filter(([time]) => time > k * step - range && time <= k * step);
    let all: Float64Array | undefined;
    for (const [time, value] of inside) {
      const state = new Float64Array(width);
      operation.start(state, 0, value, time);
      if (all) operation.merge(all, 0, state, 0);
      else all = state;
    }
    return all ? operation.finish(all, 0) : null;
  });
}

const samplesIn = (end: number): fc.Arbitrary<Sample[]> =>
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: -end, max: end }), fc.integer({ min: -9, max: 9 })), {
      selector: ([time]) => time,
      maxLength: 80,
    })
    .map((samples) => samples.sort(([a], [b]) => a - b));

function expectSame(got: readonly (number | null)[], wanted: readonly (number | null)[]): void {
  expect(got.map((value) => value === null)).toEqual(wanted.map((value) => value === null));
  wanted.forEach((value, k) => {
    if (value !== null) expect(got[k]).toBeCloseTo(value, 8);
  });
}

describe('windows that slide', () => {
  test.each([
    ['overlap a hundredfold', { steps: 60, step: 3, range: 300 }],
    ['overlap by part of a step', { steps: 25, step: 7, range: 17 }],
    ['touch', { steps: 30, step: 10, range: 10 }],
    ['leave gaps, when the step is longer than the range', { steps: 20, step: 30, range: 4 }],
    ['are one', { steps: 0, step: 1, range: 50 }],
  ])('give what each of them alone would give: they %s', (_, grid) => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATIONS), samplesIn(grid.steps * grid.step + 60), (operation, samples) => {
        expectSame(windows(operation, grid, samples), naive(operation, grid, samples));
      }),
      { numRuns: 60 },
    );
  });

  test('stand over long stretches without a sample', () => {
    const grid = { steps: 1000, step: 10, range: 25 };
    const samples: Sample[] = [
      [5, 1],
      [9_000, 2],
      [9_001, 3],
    ];
    for (const operation of OPERATIONS) {
      expectSame(windows(operation, grid, samples), naive(operation, grid, samples));
    }
  });

  test('take a NaN as smallest and largest only where there is nothing else', () => {
    const grid = { steps: 3, step: 10, range: 20 };
    const samples: Sample[] = [
      [1, Number.NaN],
      [11, 5],
      [12, Number.NaN],
      [25, Number.NaN],
    ];
    for (const operation of [min, max]) {
      expect(windows(operation, grid, samples)).toEqual([null, Number.NaN, 5, 5]);
    }
    expect(windows(sum, grid, samples)).toEqual([null, Number.NaN, Number.NaN, Number.NaN]);
  });

  test('merge each pane a constant number of times, however much they overlap', () => {
    const grid = new PaneGrid({ start: 0n, end: 20_000n, stepNs: 1, rangeNs: 10_000, offsetNs: 0 });
    const panes: number[] = [];
    for (let time = 1; time <= 20_000; time++) if (grid.locate(time)) panes.push(grid.pane);
    let merges = 0;
    // A state that counts the times it is read: every merge reads its later operand once.
    const states = new Proxy(new Float64Array(panes.length).fill(1), {
      get: (target, key) => {
        if (typeof key === 'string' && key !== 'length') merges++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const values = new Float64Array(grid.steps);
    new SlidingWindow(sum, grid).evaluate(Int32Array.from(panes), states, values, new Uint8Array(grid.steps), 0);
    expect(values[20_000]).toBe(10_000);
    expect(merges).toBeLessThan(panes.length * 4);
  });
});
