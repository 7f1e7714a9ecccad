import { describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../../test/support/build-input.js';
import { memoryReader } from '../../../../test/support/read-object.js';
import { describeObject } from '../describe.js';
import { openObject } from '../object.js';
import { DEFAULT_BUILD_SETTINGS, type RangeReader } from '../types.js';
import { buildLogsObject } from './builder.js';

const SETTINGS = {
  ...DEFAULT_BUILD_SETTINGS,
  pageBytesMin: 100,
  pageBytesMax: 200,
  pageRowsMax: 10,
  metadataColumnsMax: 2,
};
const ROWS: TestRow[] = Array.from({ length: 60 }, (_, i) => ({
  labels: { app: i < 30 ? 'a' : 'b' },
  time: BigInt(i) * 1000n,
  line: `line number ${i}`,
  metadata: [
    ['level', i % 2 === 0 ? 'info' : 'warn'],
    ...(i % 3 === 0 ? [] : [['trace', `t${i}`] as const]),
    ...(i % 20 === 0 ? [['constructor', `rare ${i}`] as const] : []),
  ],
}));

class CountingReader implements RangeReader {
  readonly reads: { offset: number; length: number }[] = [];
  readonly #inner: RangeReader;
  constructor(inner: RangeReader) {
    this.#inner = inner;
  }
  get size(): number {
    return this.#inner.size;
  }
  read(offset: number, length: number): Promise<Uint8Array> {
    this.reads.push({ offset, length });
    return this.#inner.read(offset, length);
  }
}

async function open(rows: readonly TestRow[] = ROWS, settings = SETTINGS) {
  const built = buildLogsObject(inputOf([rows]), settings);
  const reader = new CountingReader(memoryReader(built.bytes));
  return { reader, object: await openObject(reader, 'x'), built };
}

describe('a section reader', () => {
  test('opens a small object, its streams and its index with one read', async () => {
    const { reader, object } = await open();
    await object.streams();
    await object.section(0);
    expect(reader.reads.length).toBe(1);
  });

  test('reads only the asked columns of a large object, in one piece each', async () => {
    const random = (i: number): string => (Math.imul(i, 2654435761) >>> 0).toString(36);
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      labels: { app: 'a' },
      time: BigInt(i) * 1_000_003n,
      line: Array.from({ length: 10 }, (_, j) => random(i * 10 + j)).join(' '),
    }));
    const { reader, object } = await open(rows, DEFAULT_BUILD_SETTINGS);
    const section = await object.section(0);
    reader.reads.length = 0;
    const { count } = section.pointers.pages;
    expect(count).toBeGreaterThan(2);
    await section.fetch(['timestamp'], [0, 1]);
    expect(reader.reads.length).toBe(1);
    expect(reader.reads[0]!.length).toBeLessThan(section.pointers.column('timestamp')!.storedBytes);
    reader.reads.length = 0;
    await section.fetch(['message'], [1]);
    expect(reader.reads).toEqual([
      { offset: expect.any(Number), length: section.pointers.column('message')!.facts(1).storedBytes },
    ]);
  });

  test('gives metadata as dictionary values that all pages share', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['metadata.level'], [0, 1]);
    const first = pages.metadata('level', 0)!;
    expect(first.values).toEqual(['info', 'warn']);
    expect([...first.ids]).toEqual(Array.from({ length: first.ids.length }, (_, i) => i % 2));
    expect(pages.metadata('level', 1)!.values).toBe(first.values);
    expect(pages.metadataText('level', 0)).toBeNull();
    const again = await section.fetch(['metadata.level'], [2]);
    expect(again.metadata('level', 2)!.values).toBe(first.values);
  });

  test('gives values of a column without dictionary as bytes too, with gaps', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['metadata.trace'], [0]);
    const { ids, values } = pages.metadata('trace', 0)!;
    expect([...ids].slice(0, 4)).toEqual([-1, 0, 1, -1]);
    expect(values.slice(0, 3)).toEqual(['t1', 't2', 't4']);
    const { ranks, offsets, bytes } = pages.metadataText('trace', 0)!;
    expect(ranks).toEqual(ids);
    expect(bytes.utf8Slice(offsets[2]!, offsets[3]!)).toBe('t4');
  });

  test('turns only the texts of the rows asked for into strings', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['metadata.trace'], [0]);
    const { ids, values } = pages.metadata('trace', 0, Int32Array.of(0, 2))!;
    expect([...ids].slice(0, 5)).toEqual([-1, -1, 0, -1, -1]);
    expect(values).toEqual(['t2']);
  });

  test('gives single rows of every kind of column as it gives all of them', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['metadata.level', 'metadata.trace', 'metadata'], [0, 1]);
    const rows = Int32Array.of(0, 1, 4, 5);
    const texts = ({ ids, values }: { ids: Int32Array; values: readonly unknown[] }) =>
      [...ids].map((id) => values[id]);
    for (const page of [0, 1]) {
      for (const key of ['level', 'trace']) {
        const all = texts(pages.metadata(key, page)!);
        expect(texts(pages.metadataAt(key, page, rows)!)).toEqual([...rows].map((row) => all[row]));
      }
    }
    expect(texts(pages.restAt(0, rows)!)).toEqual([{ constructor: 'rare 0' }, undefined, undefined, undefined]);
    expect(pages.metadataAt('nope', 0, rows)).toBeNull();
  });

  test('gives a stretch of a page as it gives all of it', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['timestamp', 'metadata.level', 'metadata.trace'], [0, 1]);
    for (const page of [0, 1]) {
      const rows = pages.rows[page]!;
      const times = new Float64Array(rows);
      pages.timestamps(page, times);
      for (const [first, last] of [
        [0, 1],
        [1, rows],
        [2, 4],
        [3, 3],
      ] as const) {
        const some = new Float64Array(last - first);
        pages.timestamps(page, some, first);
        expect(some).toEqual(times.slice(first, last));
        for (const key of ['level', 'trace']) {
          const { ids, values } = pages.metadata(key, page)!;
          const stretch = pages.metadata(key, page, undefined, first, last)!;
          expect([...stretch.ids].map((id) => stretch.values[id])).toEqual(
            [...ids.slice(first, last)].map((id) => values[id]),
          );
        }
      }
    }
  });

  test('neither reads nor decodes pages in which no row has a key', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i): TestRow => ({
        labels: { app: i < 30 ? 'a' : 'b' },
        time: BigInt(i),
        line: `line ${i}`,
        metadata: i < 30 ? [['level', i % 2 ? 'warn' : 'info']] : [],
      }),
    );
    const { reader, object } = await open(rows);
    const section = await object.section(0);
    const last = section.pointers.pages.count - 1;
    expect(section.pointers.column('metadata.level')!.facts(last).payloadBytes).toBe(1);
    reader.reads.length = 0;
    const pages = await section.fetch(['metadata.level'], [last]);
    expect(reader.reads).toEqual([]);
    expect(pages.metadata('level', last)).toBeNull();
    expect((await section.fetch(['metadata.level'], [0, last])).metadata('level', 0)!.values).toEqual(['info', 'warn']);
  });

  test('gives rare keys as objects that have nothing but what was stored', async () => {
    const section = await (await open()).object.section(0);
    expect(section.pointers.restKeys).toEqual(['constructor']);
    const pages = await section.fetch(['metadata'], [0]);
    const { ids, values } = pages.rest(0)!;
    expect(values[ids[0]!]).toEqual({ constructor: 'rare 0' });
    expect(ids[1]).toBe(-1);
    expect(values[ids[0]!]!.toString).toBeUndefined();
  });

  test('knows what it does not have', async () => {
    const section = await (await open()).object.section(0);
    const pages = await section.fetch(['metadata.nope', 'message'], [0]);
    expect(pages.metadata('nope', 0)).toBeNull();
    expect(pages.metadataText('nope', 0)).toBeNull();
    expect(() => pages.messages(1)).toThrow('was not fetched');
    expect(() => pages.timestamps(0, new Float64Array(10))).toThrow('was not fetched');
    const bare = await (await open([{ labels: {}, time: 0n, line: 'x' }])).object.section(0);
    expect((await bare.fetch(['metadata'], [0])).rest(0)).toBeNull();
  });

  test('prunes pages by metadata values, of own columns and of rare keys', async () => {
    const { pointers } = await (await open()).object.section(0);
    const candidates = async (key: string, value: string): Promise<number[]> => {
      const bits = new Uint8Array(1).fill(0xff >>> (8 - pointers.pages.count));
      await pointers.metadataCandidates(key, value, bits);
      return [...pointers.pages.rows.keys()].filter((page) => ((bits[0]! >>> page) & 1) === 1);
    };
    const all = [...pointers.pages.rows.keys()];
    expect(await candidates('trace', 't4')).toEqual([0]);
    expect(await candidates('level', 'warn')).toEqual(all);
    expect(await candidates('level', 'fatal')).toEqual([]);
    expect(await candidates('constructor', 'rare 40')).toEqual([4]);
    expect(await candidates('nope', 'x')).toEqual([]);
    expect(await candidates('nope', '')).toEqual(all);
  });

  test('prunes pages by the text of their messages', async () => {
    const { pointers } = await (await open()).object.section(0);
    const bits = Uint8Array.of(0b111111);
    await pointers.textCandidates(Buffer.from('no such words'), bits);
    expect(bits[0]).toBe(0);
    const kept = Uint8Array.of(0b111111);
    await pointers.textCandidates(Buffer.from('ne numb'), kept);
    expect(kept[0]).toBe(0b111111);
    await pointers.textCandidates(Buffer.from('ber'), kept);
    expect(kept[0]).toBe(0b111111);
  });

  test('describes what an object is made of', async () => {
    const { object, built } = await open();
    const description = await describeObject(object);
    expect(description).toMatchObject({ rows: 60, streams: 2, storedBytes: built.bytes.length, tenant: 'test' });
    const section = description.sections[0]!;
    expect(section).toMatchObject({ rows: 60, runs: 6, minTime: 0n, maxTime: 59_000n, restKeys: ['constructor'] });
    expect(section.columns.map(({ name, encoding, dictionaryValues }) => [name, encoding, dictionaryValues])).toEqual([
      ['stream_id', 'delta-int32', undefined],
      ['timestamp', 'delta-int64', undefined],
      ['metadata.level', 'dictionary', 2],
      ['metadata.trace', 'delta-length', undefined],
      ['metadata', 'delta-length', undefined],
      ['shape', 'dictionary', 1],
      ['number.0', 'delta-int64', undefined],
      ['message', 'delta-length', undefined],
    ]);
    const stored = section.columns.reduce((sum, column) => sum + column.storedBytes, 0);
    expect(stored).toBeLessThan(section.storedBytes);
    expect(section.textFilterBytes + section.valueFilterBytes).toBeLessThan(section.pointersBytes);
  });
});
