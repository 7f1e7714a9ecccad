import { expect, it } from 'vitest';
import { DEFAULT_BUILD_SETTINGS } from '../types.js';
import { cutRows } from './cut.js';
import type { OrderedRows } from './order.js';

const SETTINGS = { ...DEFAULT_BUILD_SETTINGS, bucketBytes: 100, sectionBytes: 400 };

/** One row of 100 bytes a bucket. */
function rowsOf(count: number): OrderedRows {
  const rows = {
    count,
    batch: new Int32Array(count),
    row: new Int32Array(count),
    message: new Int32Array(count),
    stream: new Int32Array(count),
    time: new Float64Array(count),
    messageBytes: new Int32Array(count).fill(100),
    metadataBytes: new Int32Array(count),
  };
  return { rows, bucket: Int32Array.from({ length: count }, (_, i) => i) };
}

it('little that is left beyond a full section goes into it', () => {
  const { settings, sizes } = { settings: { ...SETTINGS, sectionBytes: 404 }, sizes: [4, 5, 6, 8, 9, 10] };
  const cuts = sizes.map((count) => [...cutRows(rowsOf(count), settings).sectionStarts]);
  expect(cuts).toEqual([
    [0, 4],
    [0, 5],
    [0, 4, 6],
    [0, 4, 8],
    [0, 4, 9],
    [0, 4, 8, 10],
  ]);
});

it('a quarter of a section is enough for one of its own', () => {
  expect([...cutRows(rowsOf(5), SETTINGS).sectionStarts]).toEqual([0, 4, 5]);
});
