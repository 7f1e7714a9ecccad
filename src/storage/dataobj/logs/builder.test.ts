import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../../test/support/build-input.js';
import { memoryReader, readRows } from '../../../../test/support/read-object.js';
import { openObject } from '../object.js';
import { type BuildSettings, DEFAULT_BUILD_SETTINGS } from '../types.js';
import { buildLogsObject } from './builder.js';

const SMALL: BuildSettings = {
  bucketBytes: 600,
  sectionBytes: 1500,
  pageBytesMin: 60,
  pageBytesMax: 200,
  pageRowsMax: 7,
  metadataColumnsMax: 2,
  zstdLevel: 1,
  countBinsNs: [1e9, 60e9],
  rowsPerBinMin: 1,
  rowsPerShapeMin: 1,
};

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constant(''),
  fc.constantFrom('level=info msg="ready"', 'x'.repeat(3000), 'line with\nnewline\r', '\u0000\u0001'),
);
const row: fc.Arbitrary<TestRow> = fc.record({
  labels: fc.record({ app: fc.constantFrom('a', 'b', 'c"d'), env: fc.constantFrom('dev', 'prod', '') }),
  time: fc.oneof(fc.bigInt({ min: -5000n, max: 5000n }), fc.constantFrom(0n, 1n, 1n << 40n, -(1n << 45n))),
  line: text,
  metadata: fc.uniqueArray(fc.tuple(fc.constantFrom('trace_id', 'level', 'toString', '__proto__', 'key.dot'), text), {
    maxLength: 4,
    selector: ([key]) => key,
  }),
});
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 30 }), { maxLength: 4 });
const offset = fc.constantFrom(0n, 1_793_491_200_000_000_000n, -9_000_000_000_000_000_000n, 9_000_000_000_000_000_000n);

function moved(rows: readonly (readonly TestRow[])[], by: bigint): TestRow[][] {
  return rows.map((batch) => batch.map((one) => ({ ...one, time: one.time + by })));
}

/** What is stored, as a set of texts: labels without empty values, metadata sorted by key. */
function canonical(rows: readonly TestRow[]): string[] {
  return rows
    .map((one) => {
      const labels = Object.entries(one.labels).filter(([, value]) => value !== '');
      const metadata = [...(one.metadata ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return JSON.stringify([labels.sort(), String(one.time), one.line, metadata]);
    })
    .sort();
}

describe('a built object', () => {
  test('gives back every row, whatever its time, text and metadata', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        offset,
        fc.constantFrom(SMALL, DEFAULT_BUILD_SETTINGS),
        async (arrived, by, settings) => {
          const rows = moved(arrived, by);
          const built = buildLogsObject(inputOf(rows), settings);
          expect(new Set(canonical(await readRows(built.bytes)))).toEqual(new Set(canonical(rows.flat())));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('has rows of a page in order of stream and then time, and of sections in order of time', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (arrived) => {
        const built = buildLogsObject(inputOf(arrived), SMALL);
        const object = await openObject(memoryReader(built.bytes), 'x');
        let last = -(1n << 62n);
        for (let s = 0; s < object.sections; s++) {
          const { pages, base } = await object.pointers(s);
          expect(base).toBeGreaterThan(last);
          last = base + BigInt(Math.max(...pages.maxTime));
          await expectOrdered(object, s);
        }
      }),
      { numRuns: 60 },
    );
  });

  async function expectOrdered(object: Awaited<ReturnType<typeof openObject>>, section: number): Promise<void> {
    const reader = await object.section(section);
    const { pages, runs } = reader.pointers;
    const all = [...pages.rows.keys()];
    const fetched = await reader.fetch(['stream_id', 'timestamp'], all);
    for (const page of all) {
      const ids = new Int32Array(pages.rows[page]!);
      const times = new Float64Array(pages.rows[page]!);
      fetched.streamIds(page, ids);
      fetched.timestamps(page, times);
      let at = 0;
      for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) {
        const end = at + runs.rows[run]!;
        expect([...ids.subarray(at, end)].every((id) => id === runs.stream[run])).toBe(true);
        const slice = [...times.subarray(at, end)];
        expect(slice).toEqual([...slice].sort((a, b) => a - b));
        expect([slice[0], slice.at(-1)]).toEqual([runs.minTime[run], runs.maxTime[run]]);
        at = end;
      }
      expect(at).toBe(ids.length);
      expect([Math.min(...times), Math.max(...times)]).toEqual([pages.minTime[page], pages.maxTime[page]]);
    }
  }

  test('leaves out rows outside the window, and its end', async () => {
    const rows = [5n, 10n, 19n, 20n].map((time) => ({ labels: { app: 'a' }, time, line: `at ${time}` }));
    const built = buildLogsObject(inputOf([rows], { window: { start: 10n, end: 20n } }), SMALL);
    expect((await readRows(built.bytes)).map((one) => one.line)).toEqual(['at 10', 'at 19']);
    expect(built.summary).toMatchObject({ rows: 2, minTime: 10n, maxTime: 19n, streams: 1 });
  });

  test('without a row in the window still says what it covers', async () => {
    const rows = [{ labels: { app: 'a' }, time: 5n, line: 'early' }];
    const source = { writer: 'w', fromSeq: 3, toSeq: 9 };
    const built = buildLogsObject(inputOf([rows], { window: { start: 10n, end: 20n }, source }), SMALL);
    const object = await openObject(memoryReader(built.bytes), 'x');
    expect(object.sections).toBe(0);
    expect((await object.streams()).count).toBe(0);
    expect(object.source).toEqual(source);
  });

  test('drops a row that equals the row before it in stream, time, line and metadata', async () => {
    const base = { labels: { app: 'a' }, time: 1n, line: 'same', metadata: [['k', 'v']] } satisfies TestRow;
    const other = { ...base, metadata: [['k', 'w']] } satisfies TestRow;
    const rows = await readRows(buildLogsObject(inputOf([[base, base, other], [base]]), SMALL).bytes);
    expect(rows.map((one) => one.metadata)).toEqual([[['k', 'v']], [['k', 'w']], [['k', 'v']]]);
  });

  test('keeps the last of two values of one metadata key', async () => {
    const values = [
      ['k', 'first'],
      ['j', 'x'],
      ['k', 'second'],
    ] as const;
    const rows = await readRows(
      buildLogsObject(inputOf([[{ labels: { a: 'b' }, time: 1n, line: 'l', metadata: values }]]), SMALL).bytes,
    );
    expect(rows[0]!.metadata).toEqual([
      ['j', 'x'],
      ['k', 'second'],
    ]);
  });

  test('joins streams whose label sets are equal', async () => {
    const rows: TestRow[] = [1n, 2n].map((time) => ({ labels: { app: 'a' }, time, line: `${time}` }));
    const input = inputOf([rows]);
    const streams = [input.streams[0]!, input.streams[0]!];
    const runs = Int32Array.of(0, 0, 1, 0, 0, 1, 2, 1);
    expect(buildLogsObject({ ...input, streams, runs }, SMALL).summary.streams).toBe(1);
  });

  test('refuses a window whose offsets would not be exact', () => {
    const window = { start: 0n, end: (1n << 52n) + 1n };
    expect(() => buildLogsObject(inputOf([], { window }), SMALL)).toThrow(RangeError);
  });

  test('summarises its sections as its metadata does', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      labels: { app: `${i % 3}` },
      time: BigInt(i),
      line: `line ${i} of many`,
    }));
    const built = buildLogsObject(inputOf([rows]), SMALL);
    const object = await openObject(memoryReader(built.bytes), 'x');
    expect(built.summary.sections.length).toBeGreaterThan(1);
    expect(object.sections).toBe(built.summary.sections.length);
    for (const { index, rows: count, minTime, bytes } of built.summary.sections) {
      const pointers = await object.pointers(index);
      expect(pointers.rows).toBe(count);
      expect(pointers.base).toBe(minTime);
      expect(pointers.pages.messageBytes.reduce((a, b) => a + b, 0)).toBe(bytes);
    }
    expect(built.summary.size).toBe(built.bytes.length);
    expect(built.summary.rawBytes).toBe(rows.reduce((sum, one) => sum + one.line.length, 0));
  });
});
