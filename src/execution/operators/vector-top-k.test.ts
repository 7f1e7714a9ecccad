import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INPUT, input, output, type Series, sortedOutput } from '../../../test/support/samples.js';
import { columnOf } from '../../planning/physical/expression.js';
import type { VectorTopK } from '../../planning/physical/node.js';
import { sort } from './sort.js';
import { vectorTopK } from './vector-top-k.js';

const nodeOf = (fields: Partial<VectorTopK> = {}): VectorTopK => ({
  kind: 'vector-top-k',
  operation: 'topk',
  k: 2,
  grouping: { kind: 'none' },
  input: INPUT,
  ...fields,
});

const NAN = Number.NaN;

describe('topk and bottomk', () => {
  const series: Series[] = [
    [{ app: 'a', pod: '1' }, 1, 9, null],
    [{ app: 'a', pod: '2' }, 2, 8, NAN],
    [{ app: 'b', pod: '3' }, 3, null, 1],
  ];

  test('choose at every step, keep whole labels, and leave out series never chosen', async () => {
    expect(await sortedOutput(vectorTopK(input(series), nodeOf({ k: 1 })))).toEqual([
      ['{app="a", pod="1"}', null, 9, null],
      ['{app="b", pod="3"}', 3, null, 1],
    ]);
    expect(await sortedOutput(vectorTopK(input(series), nodeOf({ k: 1, operation: 'bottomk' })))).toEqual([
      ['{app="a", pod="1"}', 1, null, null],
      ['{app="a", pod="2"}', null, 8, null],
      ['{app="b", pod="3"}', null, null, 1],
    ]);
  });

  test('choose within each group', async () => {
    const grouping = { kind: 'by', columns: [columnOf('app')] } as const;
    expect(await sortedOutput(vectorTopK(input(series), nodeOf({ k: 1, grouping })))).toEqual([
      ['{app="a", pod="1"}', null, 9, null],
      ['{app="a", pod="2"}', 2, null, NAN],
      ['{app="b", pod="3"}', 3, null, 1],
    ]);
  });

  test('take a NaN only when there are not enough numbers', async () => {
    const values: Series[] = [
      [{ a: '1' }, NAN],
      [{ a: '2' }, -5],
      [{ a: '3' }, NAN],
    ];
    for (const operation of ['topk', 'bottomk'] as const) {
      const one = await sortedOutput(vectorTopK(input(values), nodeOf({ k: 1, operation })));
      expect(one).toEqual([['{a="2"}', -5]]);
      const two = await sortedOutput(vectorTopK(input(values), nodeOf({ k: 2, operation })));
      expect(two.map(([, value]) => value)).toContain(-5);
      expect(two).toHaveLength(2);
    }
  });

  test('agree with sorting, over batches however cut', async () => {
    const values = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 20 });
    const operations = fc.constantFrom('topk', 'bottomk');
    await fc.assert(
      fc.asyncProperty(
        values,
        operations,
        fc.integer({ min: 1, max: 25 }),
        fc.nat(20),
        async (all, operation, k, cut) => {
          const rows = all.map((value, i): Series => [{ i: String(i) }, value]);
          const got = await output(vectorTopK(input(rows.slice(0, cut), rows.slice(cut)), nodeOf({ operation, k })));
          const sorted = [...all].sort((a, b) => (operation === 'topk' ? b - a : a - b)).slice(0, k);
          expect(got.map(([, value]) => value).sort()).toEqual(sorted.sort());
        },
      ),
    );
  });
});

describe('sort', () => {
  const series: Series[] = [
    [{ a: '1' }, NAN],
    [{ a: '2' }, 2],
    [{ a: '3' }, -1],
    [{ a: '4' }, Number.POSITIVE_INFINITY],
  ];
  const sorted = async (descending: boolean, all = series) =>
    (await output(sort(input(all.slice(0, 2), all.slice(2)), { kind: 'sort', descending, input: INPUT }))).map(
      ([labels]) => labels,
    );

  test('orders an instant vector by value, NaN last either way', async () => {
    expect(await sorted(false)).toEqual(['{a="3"}', '{a="2"}', '{a="4"}', '{a="1"}']);
    expect(await sorted(true)).toEqual(['{a="4"}', '{a="2"}', '{a="3"}', '{a="1"}']);
  });

  test('leaves the series of a range as they come', async () => {
    const range = series.map(([labels, value]): Series => [labels, value!, 0]);
    expect(await sorted(true, range)).toEqual(['{a="1"}', '{a="2"}', '{a="3"}', '{a="4"}']);
  });

  test('of nothing is nothing', async () => {
    expect(await sorted(true, [])).toEqual([]);
  });
});
