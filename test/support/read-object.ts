/** Reads whole objects back into plain rows, for tests of storage. */
import { NUMBER_COLUMNS } from '../../src/storage/dataobj/logs/number-slots.js';
import { openObject } from '../../src/storage/dataobj/object.js';
import type { ObjectHandle, RangeReader, SectionPages, SectionReader } from '../../src/storage/dataobj/types.js';
import { MESSAGE_COLUMN, numberColumn, STREAM_COLUMN, TIMESTAMP_COLUMN } from '../../src/storage/dataobj/types.js';
import type { TestRow } from './build-input.js';

export function memoryReader(bytes: Uint8Array): RangeReader {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

export async function readRows(bytes: Uint8Array): Promise<TestRow[]> {
  const object = await openObject(memoryReader(bytes), 'test.dataobj');
  const rows: TestRow[] = [];
  for (let s = 0; s < object.sections; s++) rows.push(...(await readSection(object, await object.section(s))));
  return rows;
}

async function readSection(object: ObjectHandle, section: SectionReader): Promise<TestRow[]> {
  const { pages, columns, base } = section.pointers;
  const all = Array.from({ length: pages.count }, (_, p) => p);
  const fetched = await section.fetch(
    columns.map((column) => column.name),
    all,
  );
  const streams = await object.streams();
  return all.flatMap((page) => {
    const count = pages.rows[page]!;
    const times = new Float64Array(count);
    const ids = new Int32Array(count);
    fetched.timestamps(page, times);
    fetched.streamIds(page, ids);
    const { offsets, bytes } = fetched.messages(page);
    // They are in the line too, so that only damage shows here.
    for (let n = 0; n < NUMBER_COLUMNS; n++) if (fetched.has(numberColumn(n), page)) fetched.numbers(n, page);
    return Array.from({ length: count }, (_, i) => ({
      labels: Object.fromEntries(streams.labels(ids[i]!)),
      time: base + BigInt(times[i]!),
      line: bytes.utf8Slice(offsets[i]!, offsets[i + 1]!),
      metadata: metadataOf(section, fetched, page, i),
    }));
  });
}

function metadataOf(section: SectionReader, pages: SectionPages, page: number, row: number): [string, string][] {
  const pairs: [string, string][] = [];
  for (const { name } of section.pointers.columns) {
    if (name === STREAM_COLUMN || name === TIMESTAMP_COLUMN || name === MESSAGE_COLUMN) continue;
    if (name === 'metadata') {
      const rest = pages.rest(page);
      if (rest && rest.ids[row]! >= 0) pairs.push(...Object.entries(rest.values[rest.ids[row]!]!));
      continue;
    }
    const key = name.slice('metadata.'.length);
    const found = pages.metadata(key, page);
    if (found && found.ids[row]! >= 0) pairs.push([key, found.values[found.ids[row]!]!]);
  }
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}
