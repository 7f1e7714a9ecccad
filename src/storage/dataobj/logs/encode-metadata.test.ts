import { expect, it } from 'vitest';
import { hashText, mayHaveValue, VALUE_PROBES, valueFilterBytes } from '../pointers/value-filter.js';
import { restFilters, valueFilters } from './encode-metadata.js';
import { ValueColumn } from './value-column.js';

function columnOf(values: readonly string[]): ValueColumn {
  const column = new ValueColumn('id', values.length);
  values.forEach((value, row) => {
    const bytes = Buffer.from(value);
    column.add(row, bytes, 0, bytes.length);
  });
  column.finish();
  return column;
}

it('a filter has room for distinct values, also where every row has a text of its own', () => {
  const ids = Array.from({ length: 150 }, (_, i) => `id-${i}`);
  const column = columnOf([...ids, ...ids]);
  expect(column.dictionary).toBe(false);
  const { bytes, sizes } = valueFilters(column, Int32Array.of(0, 300));
  expect([...sizes]).toEqual([valueFilterBytes(150)]);
  expect(ids.every((id) => mayHaveValue(bytes, 0, sizes[0]!, hashText(id), VALUE_PROBES))).toBe(true);
  expect(mayHaveValue(bytes, 0, sizes[0]!, hashText('another'), VALUE_PROBES)).toBe(false);
});

it('pages have filters of their own values, and none without values', () => {
  const hashes = [1, 2, 2, 7].map((seed) => hashText('v', seed));
  const { bytes, sizes } = restFilters([0, 0, 1, 5], hashes, Int32Array.of(0, 1, 2, 4, 6));
  expect([...sizes]).toEqual([2, 1, 0, 1].map(valueFilterBytes));
  const has = (page: number, hash: number): boolean => {
    const from = sizes.subarray(0, page).reduce((sum, size) => sum + size, 0);
    return mayHaveValue(bytes, from, sizes[page]!, hash, VALUE_PROBES);
  };
  expect([0, 1, 2, 3].map((page) => hashes.map((hash) => has(page, hash)))).toEqual([
    [true, true, true, false],
    [false, true, true, false],
    [false, false, false, false],
    [false, false, false, true],
  ]);
});
