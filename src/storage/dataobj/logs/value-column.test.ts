import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteRun } from '../../../wire/byte-copy.js';
import { hashText } from '../pointers/value-hash.js';
import { ValueColumn } from './value-column.js';

function columnOf(values: readonly string[]): ValueColumn {
  const column = new ValueColumn('k', values.length);
  values.forEach((value, row) => {
    const bytes = Buffer.from(`<${value}>`);
    column.add(row, byteRun(bytes), 1, bytes.length - 1);
  });
  column.finish();
  return column;
}

function valuesOf(column: ValueColumn): string[] {
  const bytes = Buffer.from(column.bytes);
  return Array.from({ length: column.count }, (_, i) => {
    const id = column.ids[i]!;
    expect(column.hashes[id]).toBe(hashText(bytes.utf8Slice(column.offsets[id]!, column.offsets[id + 1]!)));
    return bytes.utf8Slice(column.offsets[id]!, column.offsets[id + 1]!);
  });
}

const distinct = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`);

describe('a metadata column being built', () => {
  test('keeps every value, whichever way it stores them', () => {
    const values = fc.oneof(
      fc.array(fc.constantFrom('a', 'b', '', 'long '.repeat(300)), { maxLength: 100 }),
      fc.array(fc.string(), { maxLength: 100 }),
    );
    fc.assert(
      fc.property(values, (list) => {
        expect(valuesOf(columnOf(list))).toEqual(list);
      }),
    );
  });

  test('has a dictionary when values repeat three times on average, and none otherwise', () => {
    expect(columnOf([...distinct(10), ...distinct(10), ...distinct(10)]).dictionary).toBe(true);
    const rarer = columnOf([...distinct(11), ...distinct(11), ...distinct(10)]);
    expect(rarer.dictionary).toBe(false);
    expect([rarer.texts, rarer.count]).toEqual([32, 32]);
  });

  test('stops looking for repeats early when there are none, and goes on without losing a value', () => {
    const values = [...distinct(6000), ...distinct(100)];
    const column = columnOf(values);
    expect(column.dictionary).toBe(false);
    expect(valuesOf(column)).toEqual(values);
  });

  test('takes a value by the number it has, until each row has a text of its own', () => {
    const column = new ValueColumn('k', 6000);
    const add = (row: number, value: string): number => column.add(row, byteRun(Buffer.from(value)), 0, value.length);
    const first = add(0, 'first');
    expect(column.addKnown(1, first)).toBe(true);
    for (const [i, value] of distinct(4500).entries()) add(2 + i, value);
    expect(column.addKnown(4502, first)).toBe(false);
    expect(column.dictionary).toBe(false);
    column.finish();
    expect(valuesOf(column)).toEqual(['first', 'first', ...distinct(4500)]);
  });

  test('lets a second value of a row replace the first', () => {
    for (const filler of [[], distinct(5000)]) {
      const column = new ValueColumn('k', filler.length + 2);
      const add = (row: number, value: string) =>
        column.add(row, byteRun(Buffer.from(value)), 0, Buffer.byteLength(value));
      for (const [row, value] of filler.entries()) add(row, value);
      add(9000, 'first');
      add(9000, 'second');
      add(9001, 'third');
      column.finish();
      expect(valuesOf(column).slice(-2)).toEqual(['second', 'third']);
      expect([...column.rows.subarray(column.count - 2, column.count)]).toEqual([9000, 9001]);
    }
  });
});
