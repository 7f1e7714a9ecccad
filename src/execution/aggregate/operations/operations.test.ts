import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VectorAggregation } from '../../../planning/physical/node.js';
import type { StateOperation } from './operation.js';
import { RANGE_OPERATIONS, VECTOR_OPERATIONS } from './table.js';

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  return mean(values.map((value) => (value - mean(values)) ** 2));
}

/** From the definition, of samples in time order. */
const NAIVE: Record<VectorAggregation['operation'] | 'first' | 'last', (values: readonly number[]) => number> = {
  sum: (values) => values.reduce((total, value) => total + value, 0),
  avg: mean,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  count: (values) => values.length,
  stddev: (values) => Math.sqrt(variance(values)),
  stdvar: variance,
  first: (values) => values[0]!,
  last: (values) => values.at(-1)!,
};

const OPERATIONS: Record<keyof typeof NAIVE, StateOperation> = {
  ...VECTOR_OPERATIONS,
  first: RANGE_OPERATIONS.first as StateOperation,
  last: RANGE_OPERATIONS.last as StateOperation,
};

/** The state of all values, merged pairwise: a tree over the values cut at `cuts`. */
function fold(
  operation: StateOperation,
  values: readonly number[],
  from: number,
  cut: (length: number) => number,
): Float64Array {
  const state = new Float64Array(operation.width);
  if (values.length === 1) {
    operation.start(state, 0, values[0]!, from);
    return state;
  }
  const middle = cut(values.length);
  state.set(fold(operation, values.slice(0, middle), from, cut));
  operation.merge(state, 0, fold(operation, values.slice(middle), from + middle, cut), 0);
  return state;
}

describe('an aggregation', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 });
  it.each(Object.keys(NAIVE) as (keyof typeof NAIVE)[])(
    '%s is what its definition says, in whatever parts it is computed',
    (name) => {
      const operation = OPERATIONS[name];
      fc.assert(
        fc.property(values, fc.infiniteStream(fc.nat()), (samples, draw) => {
          const cut = (length: number): number => 1 + ((draw.next().value as number) % (length - 1));
          expect(operation.finish(fold(operation, samples, 0, cut), 0)).toBeCloseTo(NAIVE[name](samples), 6);
        }),
      );
    },
  );

  it('first and last of equal times take what came first and last', () => {
    for (const [name, wanted] of [
      ['first', 1],
      ['last', 2],
    ] as const) {
      const operation = OPERATIONS[name];
      const state = new Float64Array(operation.width);
      const later = new Float64Array(operation.width);
      operation.start(state, 0, 1, 7);
      operation.start(later, 0, 2, 7);
      operation.merge(state, 0, later, 0);
      expect(operation.finish(state, 0)).toBe(wanted);
    }
  });
});
