import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INPUT, input, type Series, sortedOutput } from '../../../test/support/samples.js';
import { columnOf } from '../../planning/physical/expression.js';
import type { Grouping, VectorAggregation } from '../../planning/physical/node.js';
import { vectorAggregation } from './vector-aggregation.js';

type Operation = VectorAggregation['operation'];

const by = (...names: string[]): Grouping => ({ kind: 'by', columns: names.map(columnOf) });
const without = (...names: string[]): Grouping => ({ kind: 'without', columns: names.map(columnOf) });
const nodeOf = (operation: Operation, grouping: Grouping = { kind: 'none' }): VectorAggregation => ({
  kind: 'vector-aggregation',
  operation,
  grouping,
  input: INPUT,
});

function naive(operation: Operation, values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  const mean = sum / values.length;
  // In Loki one sample has no spread, not even a NaN.
  const variance =
    values.length === 1 ? 0 : values.reduce((all, value) => all + (value - mean) ** 2, 0) / values.length;
  const numbers = values.filter((value) => !Number.isNaN(value));
  switch (operation) {
    case 'sum':
      return sum;
    case 'avg':
      return mean;
    case 'min':
      return numbers.length === 0 ? Number.NaN : Math.min(...numbers);
    case 'max':
      return numbers.length === 0 ? Number.NaN : Math.max(...numbers);
    case 'count':
      return values.length;
    case 'stdvar':
      return variance;
    case 'stddev':
      return Math.sqrt(variance);
  }
}

const OPERATIONS: Operation[] = ['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar'];

describe('an aggregation across series', () => {
  test('agrees with its definition at every step, over batches however cut, with gaps and NaN', async () => {
    const cell = fc.option(
      fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -99, max: 99 }) }, fc.constant(Number.NaN)),
    );
    const series = fc.uniqueArray(
      fc.record({ app: fc.constantFrom('a', 'b'), pod: fc.nat(20), values: fc.tuple(cell, cell, cell) }),
      { selector: ({ app, pod }) => `${app}${pod}`, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...OPERATIONS), series, fc.nat(12), async (operation, all, cut) => {
        const rows = all.map(({ app, pod, values }): Series => [{ app, pod: String(pod) }, ...values]);
        const result = await sortedOutput(
          vectorAggregation(input(rows.slice(0, cut), rows.slice(cut)), nodeOf(operation, by('app'))),
        );
        const apps = [...new Set(all.map(({ app }) => app))].sort();
        expect(result.map(([labels]) => labels)).toEqual(apps.map((app) => `{app="${app}"}`));
        apps.forEach((app, a) => {
          for (let k = 0; k < 3; k++) {
            const values = all.flatMap((one) => (one.app === app && one.values[k] !== null ? [one.values[k]!] : []));
            const got = result[a]![k + 1];
            if (values.length === 0) expect(got).toBeNull();
            else if (Number.isNaN(naive(operation, values))) expect(got).toBeNaN();
            else expect(got).toBeCloseTo(naive(operation, values), 8);
          }
        });
      }),
    );
  });

  const series: Series[] = [
    [{ app: 'a', pod: '1' }, 1],
    [{ app: 'a', pod: '2' }, 2],
    [{ pod: '3' }, 4],
  ];

  test.each([
    ['none', { kind: 'none' }, [['{}', 7]]],
    [
      'by app',
      by('app'),
      [
        ['{app="a"}', 3],
        ['{}', 4],
      ],
    ],
    ['by a label nobody has', by('z'), [['{}', 7]]],
    [
      'without pod',
      without('pod'),
      [
        ['{app="a"}', 3],
        ['{}', 4],
      ],
    ],
    [
      'without nothing',
      without(),
      [
        ['{app="a", pod="1"}', 1],
        ['{app="a", pod="2"}', 2],
        ['{pod="3"}', 4],
      ],
    ],
  ] as const)('puts series into groups: %s', async (_, grouping, expected) => {
    expect(await sortedOutput(vectorAggregation(input(series), nodeOf('sum', grouping as Grouping)))).toEqual(expected);
  });

  test('of no series is no series', async () => {
    expect(await sortedOutput(vectorAggregation(input([]), nodeOf('count')))).toEqual([]);
  });

  test('min and max take a NaN only where there is nothing else', async () => {
    const values: Series[] = [
      [{ a: '1' }, Number.NaN, Number.NaN],
      [{ a: '2' }, 3, Number.NaN],
      [{ a: '3' }, Number.NaN, Number.NaN],
    ];
    for (const operation of ['min', 'max'] as const) {
      const result = await sortedOutput(vectorAggregation(input(values), nodeOf(operation)));
      expect(result).toEqual([['{}', 3, Number.NaN]]);
    }
  });
});
