import { describe, expect, test } from 'vitest';
import { INPUT, input, type Series, sortedOutput } from '../../../test/support/samples.js';
import type { BinaryOperation, Join } from '../../planning/physical/node.js';
import { join } from './join.js';

const on = (...labels: string[]): Join['matching'] => ({ kind: 'on', labels });
const ignoring = (...labels: string[]): Join['matching'] => ({ kind: 'ignoring', labels });

function joined(
  left: readonly Series[],
  operation: BinaryOperation,
  right: readonly Series[],
  fields: Partial<Join> = {},
) {
  const node: Join = {
    kind: 'join',
    operation,
    bool: false,
    matching: ignoring(),
    left: INPUT,
    right: INPUT,
    ...fields,
  };
  return sortedOutput(join(input(left), input(right), node));
}

const A: Series = [{ app: 'a' }, 6, 8];
const B: Series = [{ app: 'b' }, 3, 5];

describe('an operation between vectors', () => {
  test('matches series by all labels, step by step', async () => {
    const right: Series[] = [
      [{ app: 'a' }, 2, null],
      [{ app: 'c' }, 1, 1],
    ];
    expect(await joined([A, B], 'DIV', right)).toEqual([['{app="a"}', 3, null]]);
  });

  test('matches nothing where labels differ', async () => {
    expect(await joined([A], 'ADD', [B])).toEqual([]);
    expect(await joined([A], 'ADD', [])).toEqual([]);
    expect(await joined([], 'ADD', [])).toEqual([]);
  });

  test.each([
    ['ADD', 8, 8],
    ['SUB', 4, 8],
    ['MUL', 12, 0],
    ['DIV', 3, Number.NaN],
    ['MOD', 0, Number.NaN],
    ['POW', 36, 1],
  ] as const)('%s calculates, and is NaN where it would divide by zero', async (operation, ...expected) => {
    expect(await joined([A], operation, [[{ app: 'a' }, 2, 0]])).toEqual([['{app="a"}', ...expected]]);
  });

  test('takes the sign of a remainder from the dividend', async () => {
    expect(await joined([[{}, -7, 7]], 'MOD', [[{}, 3, -3]])).toEqual([['{}', -1, 1]]);
  });

  test('on some labels has only those, ignoring some has all others', async () => {
    const left: Series[] = [[{ app: 'a', pod: '1' }, 6]];
    const right: Series[] = [[{ app: 'a', env: 'x' }, 2]];
    expect(await joined(left, 'ADD', right, { matching: on('app') })).toEqual([['{app="a"}', 8]]);
    expect(await joined(left, 'ADD', right, { matching: ignoring('pod', 'env') })).toEqual([['{app="a"}', 8]]);
    expect(await joined(left, 'ADD', right, { matching: on() })).toEqual([['{}', 8]]);
  });

  test('a comparison keeps the left sample where it holds, or says 0 or 1 with bool', async () => {
    const right: Series[] = [[{ app: 'a' }, 7, 7]];
    expect(await joined([A], 'GT', right)).toEqual([['{app="a"}', null, 8]]);
    expect(await joined([A], 'LT', right)).toEqual([['{app="a"}', 6, null]]);
    expect(await joined([A], 'GT', right, { bool: true })).toEqual([['{app="a"}', 0, 1]]);
    expect(await joined([A], 'EQ', right)).toEqual([]);
  });

  test('a NaN is unequal to everything, itself too', async () => {
    const nan: Series[] = [[{}, Number.NaN]];
    for (const operation of ['EQ', 'GT', 'GTE', 'LT', 'LTE'] as const) {
      expect(await joined(nan, operation, nan, { bool: true })).toEqual([['{}', 0]]);
    }
    expect(await joined(nan, 'NEQ', nan, { bool: true })).toEqual([['{}', 1]]);
  });

  test('has results at a step only where both sides have a sample there', async () => {
    expect(await joined([[{}, 1, null, 3, null]], 'ADD', [[{}, 1, 1, null, null]])).toEqual([
      ['{}', 2, null, null, null],
    ]);
  });
});

describe('many to one', () => {
  const many: Series[] = [
    [{ app: 'a', pod: '1', env: 'old' }, 6],
    [{ app: 'a', pod: '2' }, 8],
    [{ app: 'b', pod: '3' }, 1],
  ];
  const one: Series[] = [[{ app: 'a', env: 'prod' }, 2]];

  test('keeps the labels of the many and copies those asked for from the one', async () => {
    const group = { side: 'left', include: ['env'] } as const;
    expect(await joined(many, 'DIV', one, { matching: on('app'), group })).toEqual([
      ['{app="a", env="prod", pod="1"}', 3],
      ['{app="a", env="prod", pod="2"}', 4],
    ]);
  });

  test('takes a label away that is to be copied and that the one lacks', async () => {
    const group = { side: 'left', include: ['env'] } as const;
    expect(await joined(many.slice(0, 1), 'ADD', [[{ app: 'a' }, 1]], { matching: on('app'), group })).toEqual([
      ['{app="a", pod="1"}', 7],
    ]);
  });

  test('has its operands in order when the many are on the right', async () => {
    const group = { side: 'right', include: [] } as const;
    expect(await joined(one, 'SUB', many, { matching: on('app'), group })).toEqual([
      ['{app="a", env="old", pod="1"}', -4],
      ['{app="a", pod="2"}', -6],
    ]);
  });

  test('cannot tell its results apart when copied labels make them equal', async () => {
    const group = { side: 'left', include: ['pod'] } as const;
    const alike: Series[] = [
      [{ app: 'a', pod: '1' }, 6],
      [{ app: 'a', pod: '2' }, 8],
    ];
    await expect(joined(alike, 'ADD', one, { matching: on('app'), group })).rejects.toThrow(
      'multiple matches for labels: grouping labels must ensure unique matches',
    );
  });

  test('needs a single one at every step', async () => {
    const ones: Series[] = [
      [{ app: 'a', env: 'x' }, 1],
      [{ app: 'a', env: 'y' }, 2],
    ];
    const left = { matching: on('app'), group: { side: 'left', include: [] } } as const;
    await expect(joined(many, 'ADD', ones, left)).rejects.toThrow(
      'found duplicate series on the right hand-side;many-to-many matching not allowed',
    );
    const right = { matching: on('app'), group: { side: 'right', include: [] } } as const;
    await expect(joined(ones, 'ADD', many, right)).rejects.toThrow(
      'found duplicate series on the left hand-side;many-to-many matching not allowed',
    );
  });
});

describe('one to one', () => {
  const two: Series[] = [
    [{ app: 'a', pod: '1' }, 1, null],
    [{ app: 'a', pod: '2' }, 2, 2],
  ];

  test('refuses several on either side', async () => {
    await expect(joined(two, 'ADD', [[{ app: 'a' }, 1, 1]], { matching: on('app') })).rejects.toThrow(
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    );
    await expect(joined([A], 'ADD', two, { matching: on('app') })).rejects.toThrow(
      'found duplicate series on the right hand-side;many-to-many matching not allowed: matching labels must be unique on one side: {app="a"}',
    );
  });

  test('takes series that never have a sample at the same step', async () => {
    const turns: Series[] = [
      [{ app: 'a', pod: '1' }, 1, null],
      [{ app: 'a', pod: '2' }, null, 2],
    ];
    expect(await joined(turns, 'ADD', [[{ app: 'a' }, 10, 10]], { matching: on('app') })).toEqual([
      ['{app="a"}', 11, 12],
    ]);
  });

  test('leaves several on the left alone that meet nothing on the right', async () => {
    expect(await joined(two, 'ADD', [[{ app: 'z' }, 1, 1]], { matching: on('app') })).toEqual([]);
  });
});

describe('and, or, unless', () => {
  const left: Series[] = [
    [{ app: 'a', pod: '1' }, 1, 2],
    [{ app: 'b', pod: '2' }, 3, 4],
  ];
  const right: Series[] = [
    [{ app: 'a' }, 9, null],
    [{ app: 'c' }, 7, 7],
  ];
  const matching = on('app');

  test('and keeps samples of the left that have a match', async () => {
    expect(await joined(left, 'AND', right, { matching })).toEqual([['{app="a", pod="1"}', 1, null]]);
  });

  test('unless keeps those that have none', async () => {
    expect(await joined(left, 'UNLESS', right, { matching })).toEqual([
      ['{app="a", pod="1"}', null, 2],
      ['{app="b", pod="2"}', 3, 4],
    ]);
  });

  test('or adds samples of the right that have no match', async () => {
    expect(await joined(left, 'OR', right, { matching })).toEqual([
      ['{app="a", pod="1"}', 1, 2],
      ['{app="b", pod="2"}', 3, 4],
      ['{app="c"}', 7, 7],
    ]);
    expect(await joined([[{ app: 'a', pod: '1' }, null, 2]], 'OR', [[{ app: 'a' }, 9, 9]], { matching })).toEqual([
      ['{app="a", pod="1"}', null, 2],
      ['{app="a"}', 9, null],
    ]);
  });

  test('work with many on both sides', async () => {
    const many: Series[] = [
      [{ app: 'a', x: '1' }, 1, 1],
      [{ app: 'a', x: '2' }, 2, 2],
    ];
    expect(await joined(many, 'AND', many, { matching })).toHaveLength(2);
    expect(await joined(many, 'UNLESS', many, { matching })).toEqual([]);
  });

  test('work when a side is empty', async () => {
    expect(await joined([], 'OR', [A])).toEqual([['{app="a"}', 6, 8]]);
    expect(await joined([A], 'UNLESS', [])).toEqual([['{app="a"}', 6, 8]]);
    expect(await joined([], 'AND', [A])).toEqual([]);
  });

  test('or adds vector(0) beside labelled series, and not beside the series without labels', async () => {
    const zero: Series[] = [[{}, 0, 0]];
    expect(await joined([A], 'OR', zero)).toEqual([
      ['{app="a"}', 6, 8],
      ['{}', 0, 0],
    ]);
    expect(await joined([[{}, 5, null]], 'OR', zero)).toEqual([['{}', 5, 0]]);
  });
});
