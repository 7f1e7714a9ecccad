import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RangeAggregation, RangeOperation } from '../../planning/physical/node.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import { LabelledStreams } from '../batch/streams.js';
import { RangeFinal } from './range-final.js';
import { RangePartial } from './range-partial.js';

const OPERATIONS: RangeOperation[] = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'stdvar',
  'first',
  'last',
  'quantile',
];

interface Sample {
  readonly time: number;
  readonly stream: number;
  readonly value: number;
}

const none: RowSource = {
  message: () => ({ offsets: new Int32Array(1), bytes: Buffer.alloc(0) }),
  messageLengths: () => undefined,
  metadataKeys: () => [],
  metadata: () => undefined,
};

function batchOf(samples: readonly Sample[], base: number): LogBatch {
  const streams = new LabelledStreams([
    [['app', 'a']],
    [['app', 'b']],
    [
      ['app', 'b'],
      ['env', 'x'],
    ],
  ]);
  const times = Float64Array.from(samples, ({ time }) => time - base);
  const batch = new LogBatch(
    BigInt(base),
    times,
    streams,
    Int32Array.from(samples, ({ stream }) => stream),
    none,
  );
  batch.value = Float64Array.from(samples, ({ value }) => value);
  return batch;
}

/** Straight from the definition: every window looks at every sample. */
function naive(operation: RangeOperation, values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  switch (operation) {
    case 'count':
      return values.length;
    case 'sum':
      return values.reduce((a, b) => a + b, 0);
    case 'avg':
      return mean;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'stdvar':
      return variance;
    case 'stddev':
      return Math.sqrt(variance);
    case 'first':
      return values[0]!;
    case 'last':
      return values.at(-1)!;
    default: {
      const sorted = [...values].sort((a, b) => a - b);
      const rank = 0.7 * (sorted.length - 1);
      const low = Math.floor(rank);
      return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (rank - low);
    }
  }
}

const cases = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  start: fc.integer({ min: 100, max: 200 }),
  steps: fc.integer({ min: 0, max: 12 }),
  step: fc.integer({ min: 1, max: 30 }),
  range: fc.integer({ min: 1, max: 80 }),
  offset: fc.integer({ min: -10, max: 10 }),
  // Distinct times keep first and last unambiguous.
  samples: fc.uniqueArray(
    fc.record({
      time: fc.integer({ min: 0, max: 700 }),
      stream: fc.integer({ min: 0, max: 2 }),
      value: fc.integer({ min: -50, max: 50 }),
    }),
    { selector: ({ time }) => time, maxLength: 60 },
  ),
  splits: fc.integer({ min: 1, max: 4 }),
});

test('partial and final aggregation agree with the definition, however rows are split', () => {
  fc.assert(
    fc.property(cases, ({ operation, start, steps, step, range, offset, samples, splits }) => {
      const node: RangeAggregation = {
        kind: 'range-aggregation',
        operation,
        mode: 'single',
        start: BigInt(start),
        end: BigInt(start + steps * step),
        stepNs: step,
        rangeNs: range,
        offsetNs: offset,
        grouping: { kind: 'by', columns: [{ kind: 'column', type: 'ambiguous', name: 'app' }] },
        parameter: 0.7,
        input: { kind: 'source', slot: 0 },
      };
      const final = new RangeFinal(node, 1 << 30);
      for (let part = 0; part < splits; part++) {
        const partial = new RangePartial(node);
        partial.add(
          batchOf(
            samples.filter((_, i) => i % splits === part),
            50 * part,
          ),
        );
        const states = partial.take();
        if (states) final.add(states);
      }
      const got = new Map<string, number>();
      for (const batch of final.results()) {
        batch.series.forEach((labels, s) => {
          for (let k = 0; k <= steps; k++) {
            if (batch.present[s * batch.steps + k] === 1)
              got.set(`${labels[0]![1]} ${k}`, batch.values[s * batch.steps + k]!);
          }
        });
      }
      const wanted = new Map<string, number>();
      for (const app of ['a', 'b']) {
        for (let k = 0; k <= steps; k++) {
          const t = start + k * step - offset;
          const inside = samples
            .filter(
              (sample) => (sample.stream === 0 ? 'a' : 'b') === app && sample.time > t - range && sample.time <= t,
            )
            .sort((a, b) => a.time - b.time)
            .map(({ value }) => value);
          if (inside.length > 0) wanted.set(`${app} ${k}`, naive(operation, inside));
        }
      }
      expect([...got.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [key, value] of wanted) expect(got.get(key)).toBeCloseTo(value, 8);
    }),
    { numRuns: 500 },
  );
});
