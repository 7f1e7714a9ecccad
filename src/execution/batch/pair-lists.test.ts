import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  columnsOfPairs,
  labelsAt,
  numberRows,
  type PairColumn,
  PairCopier,
  PairLists,
  pairsOf,
  pairText,
} from './pair-lists.js';

type Row = readonly (readonly [string, string])[];

const row: fc.Arbitrary<Row> = fc
  .dictionary(fc.constantFrom('a', 'b', '__proto__', 'ž"'), fc.constantFrom('', 'x', '"\\', '雪'))
  .map((set) => Object.entries(set));
const rows = fc.array(row, { maxLength: 20 });

function columnOf(list: readonly Row[]): PairColumn {
  const lists = new PairLists(list.length);
  for (const pairs of list) {
    for (const [name, value] of pairs) lists.add(lists.number(pairText(name, value)));
    lists.endRow();
  }
  return lists.finish();
}

function rowsOf(column: PairColumn): Row[] {
  const pairs = pairsOf(column);
  return Array.from({ length: column.starts.length - 1 }, (_, i) => labelsAt(column, pairs, i));
}

describe('a column of pairs', () => {
  test('gives every row what was written, each pair once', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const column = columnOf(list);
        expect(rowsOf(column)).toEqual(list);
        expect(new Set(column.values).size).toBe(column.values.length);
      }),
    );
  });

  test('is copied row by row from several others', () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 4 }), (parts) => {
        const to = new PairLists(parts.flat().length);
        for (const part of parts) {
          const copier = new PairCopier(columnOf(part), to);
          for (let i = part.length - 1; i >= 0; i--) copier.copy(i);
        }
        const copied = to.finish();
        expect(rowsOf(copied)).toEqual(parts.flatMap((part) => part.toReversed()));
        expect(new Set(copied.values).size).toBe(copied.values.length);
      }),
    );
  });

  test('falls apart into a column for each name', () => {
    const columns = columnsOfPairs(
      columnOf([
        [['a', '1']],
        [],
        [
          ['b', '2'],
          ['a', '3'],
        ],
      ]),
    );
    const texts = (name: string) => Array.from(columns.get(name)!.ids, (id) => columns.get(name)!.values[id]);
    expect([...columns.keys()]).toEqual(['a', 'b']);
    expect(texts('a')).toEqual(['1', undefined, '3']);
    expect(texts('b')).toEqual([undefined, undefined, '2']);
  });
});

test('rows have equal numbers exactly when all they have is equal', () => {
  const whole = fc.array(fc.tuple(fc.nat(2), row, row), { maxLength: 30 });
  fc.assert(
    fc.property(whole, (list) => {
      const lists = [columnOf(list.map(([, one]) => one)), columnOf(list.map(([, , other]) => other))];
      const { numbers, first } = numberRows(
        Int32Array.from(list, ([id]) => id),
        lists,
      );
      const texts = list.map((one) => JSON.stringify(one));
      const distinct = [...new Set(texts)];
      expect([...numbers]).toEqual(texts.map((text) => distinct.indexOf(text)));
      expect(first).toEqual(distinct.map((text) => texts.indexOf(text)));
    }),
  );
});
