import { expect, it } from 'vitest';
import { byteRun } from '../../../wire/byte-copy.js';
import { keepPagesWithValue } from '../pointers/value-filter.js';
import { hashText } from '../pointers/value-hash.js';
import { restFilter, type ValueFilter, valueFilter } from './encode-metadata.js';
import { ValueColumn } from './value-column.js';

function columnOf(values: readonly string[]): ValueColumn {
  const column = new ValueColumn('id', values.length);
  values.forEach((value, row) => {
    const bytes = Buffer.from(value);
    column.add(row, byteRun(bytes), 0, bytes.length);
  });
  column.finish();
  return column;
}

/** Of up to eight. */
function pagesWith(filter: ValueFilter, hash: number): number[] {
  const pages = Uint8Array.of(0xff);
  keepPagesWithValue(filter.bytes, filter, hash, pages);
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((page) => (pages[0]! & (1 << page)) !== 0);
}

it('a value of a page is one entry, also where every row has a text of its own', () => {
  const ids = Array.from({ length: 150 }, (_, i) => `id-${i}`);
  const column = columnOf([...ids, ...ids]);
  expect(column.dictionary).toBe(false);
  const filter = valueFilter(column, Int32Array.of(0, 300));
  expect(filter).toMatchObject({ entries: 150, pages: 1 });
  expect(ids.map((id) => pagesWith(filter, hashText(id)))).toEqual(ids.map(() => [0]));
  expect(pagesWith(filter, hashText('another'))).toEqual([]);
});

it('a value is found in the pages that have it', () => {
  const hashes = [1, 2, 2, 7].map((seed) => hashText('v', seed));
  const filter = restFilter([0, 0, 1, 5], hashes, Int32Array.of(0, 1, 2, 4, 6));
  expect(filter).toMatchObject({ entries: 4, pages: 4 });
  expect(hashes.map((hash) => pagesWith(filter, hash))).toEqual([[0], [0, 1], [0, 1], [3]]);
});
