/**
 * Objects as they were once written, checked in. They must be readable for ever: when this test fails, the reader
 * has lost an old format, and regenerating the image is not the remedy. The rows are those of `sampleRows(60)`.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memoryReader, readRows } from '../../../test/support/read-object.js';
import { sampleRows } from '../../../test/support/sample-rows.js';
import { describeObject, verifyObject } from './describe.js';
import { openObject } from './object.js';

const image = imageOf('version-1.dataobj');

function imageOf(name: string): Buffer {
  return readFileSync(new URL(`../../../test/fixtures/${name}`, import.meta.url));
}

test('an object of version 1 gives back its rows', async () => {
  const text = (row: object): string =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);
  const expected = sampleRows(60).map((row) => ({ ...row, metadata: [...row.metadata!].sort(byKey) }));
  expect((await readRows(image)).map(text).sort()).toEqual(expected.map(text).sort());
});

test('an object of version 1 has its sections, columns, runs and filters where it had them', async () => {
  const object = await openObject(memoryReader(image), 'version-1.dataobj');
  expect((await verifyObject(object)).damaged).toEqual([]);
  expect(object.source).toEqual({ writer: 'ingester-0', fromSeq: 7, toSeq: 9 });
  const { sections, streams, rows, tenant } = await describeObject(object);
  expect({ streams, rows, tenant }).toEqual({ streams: 8, rows: 60, tenant: 'test' });
  expect(sections.map(({ pages, rows: count }) => [pages, count])).toEqual([
    [4, 24],
    [3, 23],
    [2, 13],
  ]);
  expect(sections[2]!.restKeys).toEqual(['rare_0']);
  expect(sections[2]!.columns.map(({ name, encoding }) => `${name} ${encoding}`)).toEqual([
    'stream_id delta-int32',
    'timestamp delta-int64',
    'metadata.level dictionary',
    'metadata.trace_id delta-length',
    'metadata delta-length',
    'message delta-length',
  ]);
});

/** The second is what was written until the pages of a section shared one filter of values. */
test.each(['version-1.dataobj', 'page-value-filters.dataobj'])(
  'the filters of %s still deny and still admit',
  async (name) => {
    const pointers = await (await openObject(memoryReader(imageOf(name)), name)).pointers(0);
    const all = (1 << pointers.pages.count) - 1;
    const kept = async (filter: (pages: Uint8Array) => Promise<void>): Promise<number> => {
      const pages = Uint8Array.of(all);
      await filter(pages);
      return pages[0]!;
    };
    const first = sampleRows(60)[0]!;
    const trace = first.metadata![1]![1];
    expect(await kept((pages) => pointers.textCandidates(Buffer.from('certificate expired'), pages))).toBe(0);
    expect(await kept((pages) => pointers.textCandidates(Buffer.from(first.line.slice(3, -3)), pages))).not.toBe(0);
    expect(await kept((pages) => pointers.metadataCandidates('trace_id', 'no trace', pages))).toBe(0);
    const withTrace = await kept((pages) => pointers.metadataCandidates('trace_id', trace, pages));
    expect([0, all]).not.toContain(withTrace);
  },
);
