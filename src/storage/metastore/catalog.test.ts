import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../test/support/build-input.js';
import { sampleRows } from '../../../test/support/sample-rows.js';
import type { OriginRanges } from '../../wire/batch-copy.js';
import { formatLabels } from '../../wire/labels.js';
import type { TimeRange } from '../../wire/time.js';
import { MemoryBucket } from '../bucket/memory.js';
import { CorruptObject } from '../corrupt.js';
import { buildLogsObject } from '../dataobj/logs/builder.js';
import { ObjectCache } from '../dataobj/object-cache.js';
import { DEFAULT_BUILD_SETTINGS } from '../dataobj/types.js';
import { MetastoreCatalog } from './catalog.js';
import { Metastore } from './metastore.js';
import { tocPath } from './toc.js';
import { TocWriter } from './toc-writer.js';
import type { ResolveRequest, SectionDescriptor, StreamMatcher } from './types.js';
import { WINDOW_NS, windowOf } from './window.js';

const SETTINGS = {
  ...DEFAULT_BUILD_SETTINGS,
  bucketBytes: 4000,
  sectionBytes: 8000,
  pageBytesMin: 300,
  pageBytesMax: 800,
  metadataColumnsMax: 2,
};
const ROWS = sampleRows(600);
const RANGE = { start: ROWS[0]!.time - WINDOW_NS, end: ROWS.at(-1)!.time + WINDOW_NS };

const matcher = (name: string, op: StreamMatcher['op'], value: string): StreamMatcher => {
  const hit = op.includes('~')
    ? (text: string) => new RegExp(`^(?:${value})$`).test(text)
    : (text: string) => text === value;
  return { name, op, value, matches: (text) => hit(text) !== op.startsWith('!') };
};
const needle = (text: string): Uint8Array => Buffer.from(text);

let bucket: MemoryBucket;
let metastore: Metastore;
let catalog: MetastoreCatalog;
beforeEach(async () => {
  bucket = new MemoryBucket();
  metastore = new Metastore(bucket);
  catalog = new MetastoreCatalog(metastore);
  await store('a', ROWS.slice(0, 300), 1, 10);
  await store('b', ROWS.slice(300), 11, 20);
});

async function store(
  path: string,
  rows: readonly TestRow[],
  fromSeq: number,
  toSeq: number,
  tenant = 't',
  copies?: readonly OriginRanges[],
): Promise<void> {
  const source = { writer: 'w', fromSeq, toSeq, ...(copies && { copies }) };
  const built = buildLogsObject(inputOf([rows], { tenant, source }), SETTINGS);
  await bucket.upload(`objects/${path}`, built.bytes);
  await new TocWriter(bucket).add(tenant, { path: `objects/${path}`, summary: built.summary, created: 1 });
}

/** A range without its first or its last part. */
function without({ start, end }: TimeRange, part: TimeRange): TimeRange {
  return part.start > start ? { start, end: part.start } : { start: part.end, end };
}

/** Lines of the matching streams in the candidate pages, as a scan that filters nothing would see them. */
async function scan(request: Omit<ResolveRequest, 'tenant'>): Promise<{ lines: string[]; pages: number; of: number }> {
  const { sections, damaged } = await catalog.resolve({ tenant: 't', ...request });
  expect(damaged).toEqual([]);
  const pages = sections.reduce((sum, section) => sum + section.pages.length, 0);
  const of = sections.reduce((sum, section) => sum + section.pagesTotal, 0);
  return { lines: await linesOf(sections), pages, of };
}

async function linesOf(sections: readonly SectionDescriptor[]): Promise<string[]> {
  const objects = new ObjectCache(bucket, 1 << 30);
  const lines: string[] = [];
  for (const { path, section, streams, pages } of sections) {
    const reader = await (await objects.open(path)).section(section);
    const fetched = await reader.fetch(['stream_id', 'message'], pages);
    const wanted = new Set(streams.ids);
    for (const page of pages) {
      const ids = new Int32Array(fetched.rows[page]!);
      fetched.streamIds(page, ids);
      const { offsets, bytes } = fetched.messages(page);
      ids.forEach((id, i) => {
        if (wanted.has(id)) lines.push(bytes.utf8Slice(offsets[i]!, offsets[i + 1]!));
      });
    }
  }
  return lines;
}

test('an object that was prepared is looked up without another read', async () => {
  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses++;
  };
  for (const path of ['objects/a', 'objects/b']) await metastore.prepare(path, pause);
  const prepared = metastore.residentBytes;
  let reads = 0;
  const read = bucket.getRange.bind(bucket);
  bucket.getRange = (...range) => {
    reads++;
    return read(...range);
  };
  const request = { tenant: 't', range: RANGE, matchers: [], needles: [[needle('no such line')]] };
  const found = await catalog.resolve(request);
  expect(reads).toBe(0);
  expect(found).toEqual(await new MetastoreCatalog(new Metastore(bucket)).resolve(request));
  expect(reads).toBeGreaterThan(0);
  expect(metastore.residentBytes).toBe(prepared);
  expect(pauses).toBeGreaterThan(0);
});

describe('the catalogue', () => {
  test('finds every row of a selector, and of no other stream', async () => {
    const cases: [StreamMatcher[], (row: TestRow) => boolean][] = [
      [[], () => true],
      [[matcher('app', '=', 'app-1')], (row) => row.labels.app === 'app-1'],
      [[matcher('app', '!=', 'app-1')], (row) => row.labels.app !== 'app-1'],
      [[matcher('env', '=', '')], (row) => row.labels.env === undefined],
      [[matcher('env', '!=', '')], (row) => row.labels.env === 'prod'],
      [
        [matcher('app', '=~', 'app-[02]'), matcher('env', '=', 'prod')],
        (row) => /app-[02]/.test(row.labels.app!) && row.labels.env === 'prod',
      ],
      [[matcher('env', '!~', 'pr.*')], (row) => row.labels.env === undefined],
      [[matcher('nope', '=', '')], () => true],
      [[matcher('nope', '=~', '.+')], () => false],
    ];
    for (const [matchers, expected] of cases) {
      const { lines } = await scan({ range: RANGE, matchers });
      expect(lines.sort()).toEqual(
        ROWS.filter(expected)
          .map((row) => row.line)
          .sort(),
      );
    }
  });

  test('where the first rows are wanted, looks no further than there are enough of them, and at the rest when asked', async () => {
    for (let i = 0; i < 20; i++) await store(`c${i}`, ROWS.slice(i * 30, i * 30 + 30), 21 + i, 21 + i, 'c');
    const request = { tenant: 'c', matchers: [matcher('app', '!=', 'app-1')] };
    const all = ROWS.filter((row) => row.labels.app !== 'app-1');
    for (const newestFirst of [true, false]) {
      const enough = { newestFirst, rows: 40, bytes: 1, storedBytesMax: 1e9 };
      const parts: TestRow[][] = [];
      let objects = 0;
      for (let range: TimeRange | undefined = RANGE; range; ) {
        const found = await catalog.resolve({ ...request, range, enough });
        const { start, end }: TimeRange = found.rest ? without(range, found.rest) : range;
        const rows = all.filter(({ time }) => time >= start && time < end);
        const lines = new Set(await linesOf(found.sections));
        expect(rows.filter(({ line }) => !lines.has(line))).toEqual([]);
        if (parts.length === 0) objects = found.objects;
        if (found.rest) expect(rows.length).toBeGreaterThanOrEqual(40);
        parts.push(rows);
        range = found.rest;
      }
      expect(objects).toBe(4);
      expect(parts.length).toBeGreaterThan(5);
      expect(parts.flat()).toHaveLength(all.length);
      const whole = await catalog.resolve({ ...request, range: RANGE, enough: { ...enough, storedBytesMax: 100 } });
      expect(whole).toEqual(await catalog.resolve({ ...request, range: RANGE }));
    }
  });

  test('counts rows and bytes of its streams without reading a page', async () => {
    const { sections } = await catalog.resolve({ tenant: 't', range: RANGE, matchers: [matcher('app', '=', 'app-2')] });
    const rows = ROWS.filter((row) => row.labels.app === 'app-2');
    const sum = (of: (section: (typeof sections)[number]) => number) =>
      sections.reduce((total, section) => total + of(section), 0);
    expect(sum((section) => section.rows)).toBe(rows.length);
    expect(sum((section) => section.bytes)).toBe(rows.reduce((total, row) => total + Buffer.byteLength(row.line), 0));
    for (const { streams, base } of sections) {
      expect(streams.ids.length).toBeGreaterThan(0);
      streams.ids.forEach((id, i) => {
        expect(Object.fromEntries(streams.table.labels(id)).app).toBe('app-2');
        for (const time of [streams.minTime[i]!, streams.maxTime[i]!])
          expect(rows.some((row) => row.time === base + BigInt(time))).toBe(true);
      });
    }
  });

  test('leaves out pages outside the range, and no row inside it', async () => {
    const times = ROWS.map((row) => row.time).sort((a, b) => (a < b ? -1 : 1));
    await fc.assert(
      fc.asyncProperty(fc.nat(599), fc.nat(599), async (i, j) => {
        const range = { start: times[Math.min(i, j)]!, end: times[Math.max(i, j)]! };
        const { lines } = await scan({ range, matchers: [] });
        const found = new Set(lines);
        for (const row of ROWS)
          if (row.time >= range.start && row.time < range.end) expect(found.has(row.line)).toBe(true);
      }),
      { numRuns: 60 },
    );
    const { pages, of } = await scan({ range: { start: times[300]!, end: times[310]! }, matchers: [] });
    expect(pages).toBeLessThan(of / 2);
    expect(pages).toBeLessThanOrEqual(12);
  });

  test('finds every line with a needle, in few pages when it is rare', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(599), fc.nat(60), fc.nat(40), async (which, from, length) => {
        const line = Buffer.from(ROWS[which]!.line);
        const cut = line.subarray(from % (line.length + 1), (from % (line.length + 1)) + length);
        const { lines } = await scan({ range: RANGE, matchers: [], needles: [[cut]] });
        const expected = ROWS.filter((row) => Buffer.from(row.line).includes(cut)).map((row) => row.line);
        expect(lines.filter((one) => Buffer.from(one).includes(cut)).sort()).toEqual(expected.sort());
      }),
      { numRuns: 150 },
    );
    const trace = /[0-9a-f]{32}/.exec(ROWS.find((row) => row.line.includes('"trace"'))!.line)![0];
    const all = await scan({ range: RANGE, matchers: [] });
    expect((await scan({ range: RANGE, matchers: [], needles: [[needle(trace)]] })).pages).toBe(1);
    expect(all.pages).toBeGreaterThan(30);
    expect(await scan({ range: RANGE, matchers: [], needles: [[needle('certificate expired')]] })).toMatchObject({
      pages: 0,
    });
  });

  test('takes needles of one group as alternatives and groups as demands', async () => {
    const search = async (...needles: string[][]) =>
      (await scan({ range: RANGE, matchers: [], needles: needles.map((group) => group.map(needle)) })).lines;
    const either = await search(['panic', 'timeout']);
    for (const word of ['panic', 'timeout']) {
      expect(either.filter((line) => line.includes(word)).length).toBe(
        ROWS.filter((row) => row.line.includes(word)).length,
      );
    }
    expect(await search(['panic', 'no such word'], ['absolutely absent'])).toEqual([]);
    expect((await search(['panic', 'x'])).length).toBe(ROWS.length);
    expect(await search([])).toEqual([]);
  });

  test('finds rows by metadata values, also of keys without a column', async () => {
    const trace = ROWS[123]!.metadata![1]![1];
    const one = await scan({ range: RANGE, matchers: [], metadataEquals: [{ key: 'trace_id', values: [trace] }] });
    expect(one.lines).toContain(ROWS[123]!.line);
    expect(one.pages).toBeLessThan(4);
    const rare = ROWS.find((row) => row.metadata!.length > 2)!;
    const [key, value] = rare.metadata![2]!;
    const found = await scan({ range: RANGE, matchers: [], metadataEquals: [{ key, values: ['other', value] }] });
    expect(found.lines).toContain(rare.line);
    expect(found.pages).toBeLessThan(5);
    const both = [
      { key: 'trace_id', values: [trace] },
      { key: 'level', values: ['fatal'] },
    ];
    expect((await scan({ range: RANGE, matchers: [], metadataEquals: both })).pages).toBe(0);
    expect((await scan({ range: RANGE, matchers: [], metadataEquals: [{ key: 'nope', values: ['x'] }] })).pages).toBe(
      0,
    );
    expect(
      (await scan({ range: RANGE, matchers: [], metadataEquals: [{ key: 'nope', values: [''] }] })).lines.length,
    ).toBe(ROWS.length);
  });

  test('says for each page that it left out why', async () => {
    const { sections } = await catalog.resolve({
      tenant: 't',
      range: { start: ROWS[100]!.time, end: ROWS[500]!.time },
      matchers: [matcher('app', '=', 'app-1')],
      metadataEquals: [{ key: 'level', values: ['error'] }],
      needles: [[needle('connection refused')]],
    });
    expect(sections.length).toBeGreaterThan(0);
    for (const { pages, pagesTotal, prunedBy } of sections) {
      expect(pages.length + prunedBy.streams + prunedBy.time + prunedBy.metadata + prunedBy.text).toBe(pagesTotal);
    }
  });

  test('divides sections among shards so that each is in one', async () => {
    const name = ({ path, section }: { path: string; section: number }) => `${path}#${section}`;
    const all = (await catalog.resolve({ tenant: 't', range: RANGE, matchers: [] })).sections.map(name);
    const shards = await Promise.all(
      [0, 1, 2].map((index) => catalog.resolve({ tenant: 't', range: RANGE, matchers: [], shard: { index, of: 3 } })),
    );
    expect(shards.flatMap(({ sections }) => sections.map(name)).sort()).toEqual([...all].sort());
    expect(shards.filter(({ sections }) => sections.length > 0).length).toBeGreaterThan(1);
  });

  test('looks into no object of another tenant', async () => {
    expect(await catalog.resolve({ tenant: 'other', range: RANGE, matchers: [] })).toEqual({
      sections: [],
      damaged: [],
      objects: 0,
      sectionsTotal: 0,
    });
  });

  test('reports objects that are damaged or gone, and answers from the others', async () => {
    const bytes = new Uint8Array(await bucket.get('objects/a'));
    bytes[bytes.length - 2] = 0;
    await bucket.upload('objects/a', bytes);
    await store('c', ROWS.slice(0, 10), 21, 22);
    await bucket.delete('objects/c');
    const { sections, damaged } = await catalog.resolve({ tenant: 't', range: RANGE, matchers: [] });
    expect(new Set(sections.map(({ path }) => path))).toEqual(new Set(['objects/b']));
    expect([...damaged].sort((x, y) => (x.path < y.path ? -1 : 1))).toEqual([
      { path: 'objects/a', reason: expect.stringContaining('does not end in THOR') },
      { path: 'objects/c', reason: 'no object objects/c' },
    ]);
  });

  test('fails when the bucket does, rather than answer from a part', async () => {
    const failing = Object.assign(new MemoryBucket(), {
      attributes: () => Promise.reject(new Error('connection reset')),
    });
    const question = new MetastoreCatalog(new Metastore(failing)).resolve({ tenant: 't', range: RANGE, matchers: [] });
    await expect(question).rejects.toThrow('connection reset');
  });
});

describe('the metastore', () => {
  test('lists label names and values of matching streams', async () => {
    expect(await metastore.labels('t', RANGE, [])).toEqual({ names: ['app', 'env'], damaged: [] });
    expect((await metastore.labels('t', RANGE, [matcher('env', '=', '')])).names).toEqual(['app']);
    expect((await metastore.values('t', 'app', RANGE, [])).names).toEqual(['app-0', 'app-1', 'app-2', 'app-3']);
    expect((await metastore.values('t', 'app', RANGE, [matcher('app', '=~', 'app-[13]')])).names).toEqual([
      'app-1',
      'app-3',
    ]);
    expect((await metastore.values('t', 'nope', RANGE, [])).names).toEqual([]);
    const early = { start: RANGE.start, end: ROWS[0]!.time };
    expect((await metastore.values('t', 'app', early, [])).names.length).toBeLessThan(4);
  });

  test('lists series once each, with their sums over objects', async () => {
    const { series } = await metastore.series('t', RANGE, [matcher('app', '=', 'app-3')]);
    expect(series.map(({ labels }) => Object.fromEntries(labels))).toEqual(
      [{ app: 'app-3' }, { app: 'app-3', env: 'prod' }].reverse(),
    );
    for (const { labels, rows, minTime, maxTime, messageBytes } of series) {
      const own = ROWS.filter((row) => row.labels.app === 'app-3' && row.labels.env === Object.fromEntries(labels).env);
      const times = own.map((row) => row.time).sort((a, b) => (a < b ? -1 : 1));
      expect([rows, minTime, maxTime]).toEqual([own.length, times[0], times.at(-1)]);
      expect(messageBytes).toBe(own.reduce((sum, row) => sum + Buffer.byteLength(row.line), 0));
    }
  });

  test('lists the parts of series, one for each object', async () => {
    const own = [matcher('app', '=', 'app-3')];
    const { series } = await metastore.series('t', RANGE, own);
    const { series: parts } = await metastore.parts('t', RANGE, own);
    expect(parts.length).toBeGreaterThan(series.length);
    for (const { labels, rows } of series) {
      const same = parts.filter((part) => formatLabels(part.labels) === formatLabels(labels));
      expect(same.reduce((sum, part) => sum + part.rows, 0)).toBe(rows);
    }
  });

  test('lists sections with the streams that a selector means', async () => {
    const { sections } = await metastore.sections('t', RANGE, [matcher('app', '=', 'app-0')]);
    const objects = new ObjectCache(bucket, 1 << 30);
    expect(sections.length).toBeGreaterThan(2);
    for (const { path, streams } of sections) {
      const table = await (await objects.open(path)).streams();
      expect([...streams].map((id) => Object.fromEntries(table.labels(id)).app)).toEqual(
        [...streams].map(() => 'app-0'),
      );
    }
  });

  test('knows what of a writer is durable, window by window', async () => {
    const later = ROWS.slice(0, 5).map((row) => ({ ...row, time: row.time + WINDOW_NS * 10n }));
    await store('later', later, 15, 30);
    await store('gap', ROWS.slice(0, 3), 40, 41);
    const first = windowOf(ROWS[0]!.time);
    const tenth = first + WINDOW_NS * 10n;
    const late = { window: tenth, ranges: [[15, 30]] };
    expect(await metastore.coverage('t', 'w')).toEqual([
      {
        window: first,
        ranges: [
          [1, 20],
          [40, 41],
        ],
      },
      late,
    ]);
    expect(await metastore.coverage('t', 'w', { start: tenth, end: tenth + WINDOW_NS })).toEqual([late]);
    expect(await metastore.coverage('t', 'someone else')).toEqual([]);
  });

  test('does not guess coverage from a damaged table', async () => {
    await bucket.upload(tocPath('t', windowOf(ROWS[0]!.time)), Buffer.from('x'));
    await expect(metastore.coverage('t', 'w')).rejects.toBeInstanceOf(CorruptObject);
  });

  test('knows which replicated parts are durable, window by window, whoever stored them', async () => {
    const later = ROWS.slice(0, 5).map((row) => ({ ...row, time: row.time + WINDOW_NS * 10n }));
    await store('c', ROWS.slice(0, 5), 21, 22, 't', [{ origin: 'x', ranges: [[1, 4]] }]);
    await store('d', ROWS.slice(0, 5), 23, 24, 't', [
      { origin: 'x', ranges: [[5, 6]] },
      { origin: 'y', ranges: [[9, 9]] },
    ]);
    await store('e', later, 25, 26, 't', [{ origin: 'x', ranges: [[6, 6]] }]);
    const first = windowOf(ROWS[0]!.time);
    const tenth = first + WINDOW_NS * 10n;
    const early = {
      window: first,
      copies: [
        { origin: 'x', ranges: [[1, 6]] },
        { origin: 'y', ranges: [[9, 9]] },
      ],
    };
    const late = { window: tenth, copies: [{ origin: 'x', ranges: [[6, 6]] }] };
    expect(await metastore.copies('t', { start: first, end: tenth + 1n })).toEqual([early, late]);
    expect(await metastore.copies('t', { start: tenth, end: tenth + 1n })).toEqual([late]);
    expect(await metastore.copies('other', { start: first, end: tenth + 1n })).toEqual([]);
    await bucket.upload(tocPath('t', first), Buffer.from('x'));
    expect(await metastore.copies('t', { start: first, end: tenth + 1n })).toEqual([late]);
  });
});
