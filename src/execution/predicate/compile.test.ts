import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alive,
  compare,
  filterBatch,
  type LogRow,
  labelsSeen,
  logBatch,
  valuesOf,
} from '../../../test/support/log-rows.js';
import { type CompareOp, columnOf, MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import { compilePredicate } from './compile.js';

function kept(rows: readonly LogRow[], predicate: Predicate): number[] {
  return alive(filterBatch(logBatch(rows), predicate));
}

const both = (left: Predicate, right: Predicate): Predicate => ({ kind: 'and', left, right });
const either = (left: Predicate, right: Predicate): Predicate => ({ kind: 'or', left, right });
const not = (inner: Predicate): Predicate => ({ kind: 'not', inner });

function line(op: CompareOp, value: string): Predicate {
  return { kind: 'compare', op, column: MESSAGE, literal: { kind: 'literal', type: 'string', value } };
}

/** One row a value of `x`; undefined = without the label. */
function rowsOf(...values: (string | undefined)[]): LogRow[] {
  return values.map((x) => ({ metadata: x === undefined ? {} : { x } }));
}

describe('a label against text', () => {
  test.each([
    ['EQ', 'a', [0]],
    ['EQ', '', [2, 3]],
    ['NEQ', 'a', [1, 2, 3]],
    ['NEQ', '', [0, 1]],
    ['MATCH_RE', 'a.*', [0, 1]],
    ['MATCH_RE', 'b', []],
    ['MATCH_RE', '.*', [0, 1, 2, 3]],
    ['NOT_MATCH_RE', 'a', [1, 2, 3]],
    ['NOT_MATCH_RE', '.*', []],
    ['MATCH_STR', 'b', [1]],
    ['NOT_MATCH_STR', 'b', [0, 2, 3]],
    ['MATCH_STR_CASE_INSENSITIVE', 'B', [1]],
    ['NOT_MATCH_STR_CASE_INSENSITIVE', 'A', [2, 3]],
  ] as const)('takes an absent label for an empty one: %s %j', (op, value, expected) => {
    expect(kept(rowsOf('a', 'ab', '', undefined), compare('x', op, value))).toEqual(expected);
    const columnless = kept([{}], compare('x', op, value)).length === 1;
    expect(columnless).toBe((expected as readonly number[]).includes(3));
  });

  test('does not let the dot of a regular expression match a newline', () => {
    expect(kept(rowsOf('a\nb'), compare('x', 'MATCH_RE', 'a.b'))).toEqual([]);
  });

  test('sees the error of a row, and no error as an empty one', () => {
    const batch = () => {
      const made = logBatch([{}, {}]);
      made.setError(1, 'JSONParserErr', 'why', false);
      return made;
    };
    expect(alive(filterBatch(batch(), compare('__error__', 'EQ', '')))).toEqual([0]);
    expect(alive(filterBatch(batch(), compare('__error__', 'NEQ', '')))).toEqual([1]);
    expect(alive(filterBatch(batch(), compare('__error_details__', 'MATCH_RE', 'w.+')))).toEqual([1]);
  });
});

describe('a label against a number, a duration or a size', () => {
  const OPS: CompareOp[] = ['EQ', 'NEQ', 'GT', 'GTE', 'LT', 'LTE'];

  test.each(OPS)('drops a row without the label, whatever the sign: %s', (op) => {
    expect(kept(rowsOf(undefined, undefined), compare('x', op, 1))).toEqual([]);
    expect(kept([{}], compare('x', op, 1))).toEqual([]);
  });

  test.each([
    ['EQ', [1]],
    ['NEQ', [0, 2]],
    ['GT', [2]],
    ['GTE', [1, 2]],
    ['LT', [0]],
    ['LTE', [0, 1]],
  ] as const)('compares as %s does', (op, expected) => {
    expect(kept(rowsOf('1.5', '2e0', '+Inf'), compare('x', op, 2))).toEqual(expected);
    expect(kept(rowsOf('59m59s', '1h0m0s', '61m'), compare('x', op, 3600e9, 'duration'))).toEqual(expected);
    expect(kept(rowsOf('1KB', '1 kib', '1.1KiB'), compare('x', op, 1024, 'bytes'))).toEqual(expected);
  });

  test.each([
    ['float', 'oops'],
    ['float', ''],
    ['duration', '90'],
    ['duration', '1d'],
    ['bytes', '1 xb'],
  ] as const)('keeps a row whose value is no %s (%j), and marks it', (type, value) => {
    const batch = filterBatch(logBatch(rowsOf(value, undefined)), compare('x', 'GT', 1, type));
    expect(alive(batch)).toEqual([0]);
    expect(labelsSeen(batch)[0]).toMatchObject({ __error__: 'LabelFilterErr' });
    expect(labelsSeen(batch)[0]!.__error_details__).toBeTruthy();
  });

  test('leaves an error as it is that the row has already', () => {
    const batch = logBatch(rowsOf('oops'));
    batch.setError(0, 'JSONParserErr', 'why', false);
    filterBatch(batch, compare('x', 'GT', 1));
    expect(labelsSeen(batch)[0]).toMatchObject({ __error__: 'JSONParserErr', __error_details__: 'why' });
  });

  test('never finds __error__, and so drops every row', () => {
    const batch = logBatch([{}, {}]);
    batch.setError(0, '5', '', false);
    expect(alive(filterBatch(batch, compare('__error__', 'GT', 1)))).toEqual([]);
  });

  test('judges a NaN as unequal to everything', () => {
    expect(kept(rowsOf('NaN'), compare('x', 'NEQ', 1))).toEqual([0]);
    for (const op of ['EQ', 'GT', 'LT', 'GTE', 'LTE'] as const)
      expect(kept(rowsOf('NaN'), compare('x', op, 1))).toEqual([]);
  });
});

describe('a label against addresses', () => {
  const rows = rowsOf('10.0.0.7', '11.0.0.7', undefined, 'none');

  test('drops a row without the label, whatever the sign', () => {
    expect(kept(rows, compare('x', 'MATCH_IP', '10.0.0.0/8'))).toEqual([0]);
    expect(kept(rows, compare('x', 'NOT_MATCH_IP', '10.0.0.0/8'))).toEqual([1, 3]);
    expect(kept([{}], compare('x', 'NOT_MATCH_IP', '10.0.0.0/8'))).toEqual([]);
  });

  test('keeps a row that has an error already', () => {
    for (const op of ['MATCH_IP', 'NOT_MATCH_IP'] as const) {
      const batch = logBatch(rows);
      for (const row of [1, 2]) batch.setError(row, 'JSONParserErr', '', false);
      const expected = op === 'MATCH_IP' ? [0, 1, 2] : [1, 2, 3];
      expect(alive(filterBatch(batch, compare('x', op, '10.0.0.0/8')))).toEqual(expected);
    }
  });
});

describe('the line', () => {
  const rows = ['error 10.0.0.1', 'Error', 'warn', '', 'x error y'].map((text) => ({ line: text }));

  test.each([
    ['EQ', 'warn', [2]],
    ['NEQ', 'warn', [0, 1, 3, 4]],
    ['MATCH_STR', 'error', [0, 4]],
    ['NOT_MATCH_STR', 'error', [1, 2, 3]],
    ['MATCH_STR_CASE_INSENSITIVE', 'ERROR', [0, 1, 4]],
    ['NOT_MATCH_STR_CASE_INSENSITIVE', 'ERROR', [2, 3]],
    ['MATCH_RE', '^.rror', [0, 1]],
    ['NOT_MATCH_RE', '^.rror', [2, 3, 4]],
    ['MATCH_PAT', '<_>error<_>', [4]],
    ['NOT_MATCH_PAT', '<_>error<_>', [0, 1, 2, 3]],
    ['MATCH_IP', '10.0.0.0/8', [0]],
    ['NOT_MATCH_IP', '10.0.0.0/8', [1, 2, 3, 4]],
  ] as const)('%s %j', (op, value, expected) => {
    expect(kept(rows, line(op, value))).toEqual(expected);
    const every = rows.flatMap((row) => [{ line: 'gone error' }, row]);
    const odd = Int32Array.from(rows, (_, i) => 2 * i + 1);
    const batch = logBatch(every);
    batch.select(odd, odd.length);
    filterBatch(batch, line(op, value));
    expect(alive(batch)).toEqual(expected.map((i) => 2 * i + 1));
  });
});

describe('AND and OR', () => {
  const rows = (...values: [string, string][]): LogRow[] => values.map(([x, y]) => ({ metadata: { x, y } }));
  const errors = (batch: ReturnType<typeof logBatch>) => valuesOf(batch, batch.resolve(columnOf('__error__')));

  test('OR does not look at its right side where the left one holds', () => {
    const batch = logBatch(rows(['2', 'oops'], ['0', 'oops']));
    filterBatch(batch, either(compare('x', 'GT', 1), compare('y', 'GT', 1)));
    expect(alive(batch)).toEqual([0, 1]);
    expect(errors(batch)).toEqual([undefined, 'LabelFilterErr']);
  });

  test('AND inside OR evaluates its right side even where the left one fails', () => {
    const batch = logBatch(rows(['0', 'oops']));
    const and = both(compare('x', 'GT', 1), compare('y', 'GT', 1));
    filterBatch(batch, either(and, compare('x', 'EQ', '0')));
    expect(errors(batch)).toEqual(['LabelFilterErr']);
  });

  test('AND marks rows it keeps, by either side', () => {
    const batch = logBatch(rows(['oops', '2'], ['2', 'oops'], ['oops', '0'], ['0', 'oops']));
    filterBatch(batch, both(compare('x', 'GT', 1), compare('y', 'GT', 1)));
    expect(alive(batch)).toEqual([0, 1]);
    expect(errors(batch)).toEqual(['LabelFilterErr', 'LabelFilterErr']);
  });

  test('a row that NOT refuses is dropped, marked or not', () => {
    expect(kept(rows(['oops', ''], ['0', ''], ['2', '']), not(compare('x', 'GT', 1)))).toEqual([1]);
  });

  interface Case {
    readonly predicate: Predicate;
    readonly holds: (values: readonly number[]) => boolean;
  }

  const leaf: fc.Arbitrary<Case> = fc
    .tuple(fc.nat(2), fc.constantFrom('GT', 'LTE', 'EQ', 'NEQ'), fc.nat(3), fc.boolean())
    .map(([column, op, wanted, asText]): Case => {
      const name = 'xyz'[column]!;
      const tests = {
        GT: (value: number) => value > wanted,
        LTE: (value: number) => value <= wanted,
        EQ: (value: number) => value === wanted,
        NEQ: (value: number) => value !== wanted,
      };
      const text = asText && (op === 'EQ' || op === 'NEQ');
      const predicate = compare(name, op as CompareOp, text ? String(wanted) : wanted);
      return { predicate, holds: (values) => tests[op as keyof typeof tests](values[column]!) };
    });

  const { tree } = fc.letrec<{ tree: Case }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(fc.constantFrom('and', 'or'), tie('tree'), tie('tree')).map(([kind, left, right]) => ({
        predicate: { kind, left: left.predicate, right: right.predicate } as Predicate,
        holds: (values: readonly number[]) =>
          kind === 'and' ? left.holds(values) && right.holds(values) : left.holds(values) || right.holds(values),
      })),
      tie('tree').map((inner) => ({
        predicate: not(inner.predicate),
        holds: (values: readonly number[]) => !inner.holds(values),
      })),
    ),
  }));

  test('nest to any depth, over any selection, and mean what logic says', () => {
    const values = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(tree, values, fc.infiniteStream(fc.boolean()), ({ predicate, holds }, table, selects) => {
        const batch = logBatch(table.map(([x, y, z]) => ({ metadata: { x: String(x), y: String(y), z: String(z) } })));
        const chosen = table.map((_, i) => i).filter(() => selects.next().value);
        batch.select(Int32Array.from(chosen), chosen.length);
        filterBatch(batch, predicate);
        expect(alive(batch)).toEqual(chosen.filter((i) => holds(table[i]!)));
      }),
      { numRuns: 300 },
    );
  });

  test('one compiled condition serves many batches whose dictionaries differ', () => {
    const filter = compilePredicate(compare('x', 'EQ', 'a'));
    const keep = new Int32Array(2);
    for (const [values, expected] of [
      [['a', 'b'], [0]],
      [['b', 'a'], [1]],
    ] as const) {
      const count = filter(logBatch(rowsOf(...values)), null, 2, keep);
      expect([...keep.subarray(0, count)]).toEqual(expected);
    }
  });
});
