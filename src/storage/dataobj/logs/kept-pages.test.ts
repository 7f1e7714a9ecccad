import { describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../../test/support/build-input.js';
import { memoryReader } from '../../../../test/support/read-object.js';
import { openObject } from '../object.js';
import { PageCache } from '../page-cache.js';
import { DEFAULT_BUILD_SETTINGS, type SectionPages, type SectionReader } from '../types.js';
import { buildLogsObject } from './builder.js';

const random = (i: number): string => (Math.imul(i, 2654435761) >>> 0).toString(36);
const ROWS: TestRow[] = Array.from({ length: 6000 }, (_, i) => ({
  labels: { app: 'a' },
  time: BigInt(i) * 1000n,
  line: Array.from({ length: 12 }, (_, j) => random(i * 12 + j)).join(' '),
  metadata: [
    ['level', i % 2 === 0 ? 'info' : 'warn'],
    ...(i % 3 === 0 ? [] : [['trace', `t${i}`] as const]),
    ...(i % 20 === 0 ? [['rare', `rare ${i}`] as const] : []),
  ],
}));
const SETTINGS = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 40_000, pageBytesMax: 80_000, metadataColumnsMax: 2 };
const COLUMNS = ['timestamp', 'message', 'metadata.level', 'metadata.trace', 'metadata'];
const PICKED = Int32Array.of(1, 2, 20, 40);

interface Open {
  readonly section: SectionReader;
  readonly reads: () => number;
}

async function open(cache?: PageCache): Promise<Open> {
  const inner = memoryReader(buildLogsObject(inputOf([ROWS]), SETTINGS).bytes);
  let reads = 0;
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    reads++;
    return inner.read(offset, length);
  };
  const section = await (await openObject({ size: inner.size, read }, 'x', cache)).section(0);
  return { section, reads: () => reads };
}

/** Everything that can be asked of a page, of picked rows before all rows. */
function contents(pages: SectionPages, page: number): unknown {
  const times = new Float64Array(pages.rows[page]!);
  pages.timestamps(page, times);
  const { offsets, bytes } = pages.messages(page);
  return {
    picked: ['level', 'trace'].map((key) => valuesOf(pages.metadataAt(key, page, PICKED))),
    rare: [...pages.restAt(page, PICKED)!.ids],
    times: [...times],
    lines: Array.from({ length: times.length }, (_, i) => bytes.utf8Slice(offsets[i]!, offsets[i + 1]!)),
    all: ['level', 'trace'].map((key) => valuesOf(pages.metadata(key, page))),
    text: pages.metadataText('trace', page)?.bytes.toString(),
  };
}

/** Rows were picked from these pages before. */
async function pickedBefore(section: SectionReader, ...pages: number[]): Promise<void> {
  const fetched = await section.fetch(COLUMNS, pages);
  for (const page of pages) expect(fetched.keep(page)).toBe(false);
}

function valuesOf(column: { ids: Int32Array; values: readonly string[] } | null): unknown {
  return column && Array.from(column.ids, (id) => (id < 0 ? undefined : column.values[id]));
}

describe('kept pages', () => {
  test('are what is read without keeping any, decoded before or after', async () => {
    const plain = await open();
    const { section } = await open(new PageCache(1 << 22));
    const expected = contents(await plain.section.fetch(COLUMNS, [0, 1]), 1);
    await pickedBefore(section, 0, 1);
    const before = await section.fetch(COLUMNS, [0, 1]);
    expect(before.keep(1)).toBe(true);
    expect(contents(before, 1)).toEqual(expected);
    const kept = await section.fetch(COLUMNS, [0, 1]);
    expect(contents(kept, 1)).toEqual(expected);
    expect(contents(kept, 1)).toEqual(expected);
    const after = await section.fetch(COLUMNS, [0]);
    const lines = after.messages(0);
    after.keep(0, lines);
    expect((await section.fetch(['message'], [0])).messages(0).bytes).toEqual(lines.bytes);
  });

  test('are not read again', async () => {
    const { section, reads } = await open(new PageCache(1 << 22));
    await pickedBefore(section, 1);
    const pages = await section.fetch(COLUMNS, [1]);
    pages.keep(1);
    contents(pages, 1);
    const before = reads();
    contents(await section.fetch(COLUMNS, [1]), 1);
    expect(reads()).toBe(before);
    await section.fetch(COLUMNS, [2]);
    expect(reads()).toBeGreaterThan(before);
  });

  test('are none of those that rows are picked from once', async () => {
    const cache = new PageCache(1 << 22);
    const { section } = await open(cache);
    const pages = await section.fetch(COLUMNS, [1]);
    expect(pages.keep(1)).toBe(false);
    contents(pages, 1);
    expect(cache.bytes).toBe(0);
    expect(pages.messages(1).release).toBeDefined();
  });

  test('are none of those that nobody said to keep', async () => {
    const cache = new PageCache(1 << 22);
    const { section } = await open(cache);
    contents(await section.fetch(COLUMNS, [1]), 1);
    expect(cache.bytes).toBe(0);
    const plain = await open();
    expect((await plain.section.fetch(COLUMNS, [1])).keep(1)).toBe(false);
  });

  test('have lines that are not to be freed', async () => {
    const { section } = await open(new PageCache(1 << 22));
    await pickedBefore(section, 1);
    const first = await section.fetch(['message'], [1]);
    expect(first.messages(1).release).toBeDefined();
    first.keep(1);
    expect(first.messages(1).release).toBeUndefined();
    expect((await section.fetch(['message'], [1])).messages(1).release).toBeUndefined();
  });
});
