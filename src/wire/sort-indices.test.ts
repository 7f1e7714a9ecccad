import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortIndices } from './sort-indices.js';

describe('indices', () => {
  it('are sorted by their keys, equal ones in the order given, and those outside stay', () => {
    const inputs = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(inputs, fc.nat(50), (values, skipped) => {
        const keys = Float64Array.from(values);
        const order = Int32Array.from(values, (_, i) => i);
        const from = Math.min(skipped, values.length);
        sortIndices(order, from, values.length, keys);
        const expected = [...values.keys()];
        const sorted = expected.slice(from).sort((a, b) => values[a]! - values[b]! || a - b);
        expect([...order]).toEqual([...expected.slice(0, from), ...sorted]);
      }),
    );
  });
});
