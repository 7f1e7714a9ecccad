import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OriginRanges } from '../../wire/batch-copy.js';
import { joinRanges } from '../../wire/origin-ranges.js';
import type { Bucket } from '../bucket/bucket.js';
import { MemoryBucket } from '../bucket/memory.js';
import { CorruptObject } from '../corrupt.js';
import { packFields, unpackFields } from '../dataobj/fields.js';
import { decodeSource, sourceRecord } from '../dataobj/source-fields.js';
import type { ObjectSource, ObjectSummary } from '../dataobj/types.js';
import { decodeToc, encodeToc, tocPath, tocWindow } from './toc.js';
import { TocCache } from './toc-cache.js';
import { TocWriter } from './toc-writer.js';
import type { TocEntry } from './types.js';
import { WINDOW_NS, windowOf } from './window.js';

const T0 = windowOf(1_793_491_200_000_000_000n);

const time = fc.bigInt({ min: -(1n << 62n), max: 1n << 62n });
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const copy: fc.Arbitrary<OriginRanges> = fc.record({
  origin: fc.string(),
  ranges: fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 4 }).map((pairs) => {
    return joinRanges(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)]));
  }),
});
const entry: fc.Arbitrary<TocEntry> = fc.record({
  path: fc.string({ minLength: 1 }),
  size: count,
  minTime: time,
  maxTime: time,
  rows: count,
  rawBytes: count,
  sections: fc.array(fc.record({ index: fc.nat(), minTime: time, maxTime: time, rows: count, bytes: count }), {
    maxLength: 3,
  }),
  source: fc.record(
    { writer: fc.string(), fromSeq: count, toSeq: count, copies: fc.array(copy, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ['writer', 'fromSeq', 'toSeq'] },
  ),
  created: count,
});

function summary(minTime: bigint, more: Partial<ObjectSummary> = {}): ObjectSummary {
  return {
    tenant: 't',
    size: 100,
    minTime,
    maxTime: minTime + 10n,
    rows: 1,
    rawBytes: 10,
    streams: 1,
    sections: [],
    source: { writer: 'w', fromSeq: 1, toSeq: 2 },
    ...more,
  };
}

describe('a table of contents', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        expect(decodeToc(encodeToc(entries), 'x')).toEqual(entries);
      }),
    );
  });

  test('with any bit flipped, cut short, or made of any bytes is refused', () => {
    const bytes = encodeToc([{ path: 'a', created: 5, ...summary(T0) }]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = new Uint8Array(bytes);
      copy[bit >>> 3] = copy[bit >>> 3]! ^ (1 << (bit & 7));
      expect(() => decodeToc(copy, 'x')).toThrow(CorruptObject);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeToc(bytes.subarray(0, length), 'x')).toThrow(CorruptObject);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        expect(() => decodeToc(any, 'x')).toThrow(CorruptObject);
      }),
    );
  });

  test.each([
    ['numbers', 'ranges'],
    [[3], 'ranges'],
    [[5, 4], 'ranges'],
    [[1, 4, 4, 9], 'ranges'],
    [[7, 9, 1, 2], 'ranges'],
    [[-1, 4], 'ranges'],
    [[1, 1.5], 'ranges'],
    [[1, 2 ** 60], 'ranges'],
    [5, 'origin'],
  ])('whose replicated parts are %j for %s is refused', (value, field) => {
    const source: ObjectSource = { writer: 'w', fromSeq: 1, toSeq: 2, copies: [{ origin: 'x', ranges: [[1, 2]] }] };
    const fields = {
      ...sourceRecord(source),
      copies: [{ origin: 'x', ranges: [1, 2], [field]: value }],
    };
    expect(() => decodeSource(unpackFields(packFields(fields), { part: 'toc' }))).toThrow(CorruptObject);
    expect(decodeSource(unpackFields(packFields(sourceRecord(source)), {}))).toEqual(source);
  });

  test('has a name that says its window', () => {
    expect(tocPath('tenant', T0)).toBe('tocs/tenant/2026-11-01T00Z.toc');
    expect(tocWindow(tocPath('tenant', T0))).toBe(T0);
    expect(tocWindow('tocs/tenant/readme.txt')).toBeUndefined();
    expect(tocWindow('tocs/tenant/other.toc')).toBeUndefined();
  });
});

describe('a writer of tables', () => {
  const read = async (bucket: Bucket, window = T0): Promise<string[]> =>
    decodeToc(await bucket.get(tocPath('t', window)), 'x').map(({ path }) => path);

  test('adds objects to the window of their times, once however often it is told', async () => {
    const bucket = new MemoryBucket();
    const writer = new TocWriter(bucket);
    await writer.add('t', { path: 'a', summary: summary(T0), created: 1 });
    await writer.add('t', { path: 'b', summary: summary(T0 + WINDOW_NS), created: 2 });
    await writer.add('t', { path: 'a', summary: summary(T0), created: 3 });
    expect([await read(bucket), await read(bucket, T0 + WINDOW_NS)]).toEqual([['a'], ['b']]);
  });

  test('lists an object that spans windows in its first and its last', async () => {
    const bucket = new MemoryBucket();
    await new TocWriter(bucket).add('t', { path: 'a', summary: summary(T0 - 5n), created: 1 });
    expect([await read(bucket, T0 - WINDOW_NS), await read(bucket)]).toEqual([['a'], ['a']]);
  });

  test.each([
    ['that can compare and swap', () => new MemoryBucket()],
    ['that cannot', () => Object.assign(new MemoryBucket(), { conditional: undefined })],
  ])('loses no object of many added at once to a bucket %s', async (_, open) => {
    const bucket: Bucket = open();
    const shared = new TocWriter(bucket);
    const writers =
      bucket.conditional === undefined ? [shared] : [shared, new TocWriter(bucket), new TocWriter(bucket)];
    const paths = Array.from({ length: 30 }, (_, i) => `object-${String(i).padStart(2, '0')}`);
    await Promise.all(
      paths.map((path, i) => writers[i % writers.length]!.add('t', { path, summary: summary(T0), created: i })),
    );
    expect((await read(bucket)).sort()).toEqual(paths);
  });

  test('gives up with a fault when a table never stops changing, and waits longer each time before', async () => {
    const bucket = new MemoryBucket();
    const conditional = { ...bucket.conditional, upload: async () => null };
    const pauses: number[] = [];
    const busy = Object.assign(bucket, { conditional });
    const writer = new TocWriter(busy, async (attempt) => {
      pauses.push(attempt);
    });
    await expect(writer.add('t', { path: 'a', summary: summary(T0), created: 1 })).rejects.toMatchObject({
      fault: { code: 'unavailable' },
    });
    expect(pauses).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('does not replace a table it cannot read', async () => {
    const bucket = new MemoryBucket();
    await bucket.upload(tocPath('t', T0), Buffer.from('damaged'));
    await expect(
      new TocWriter(bucket).add('t', { path: 'a', summary: summary(T0), created: 1 }),
    ).rejects.toBeInstanceOf(CorruptObject);
    expect(Buffer.from(await bucket.get(tocPath('t', T0))).toString()).toBe('damaged');
  });
});

class CountingBucket extends MemoryBucket {
  gets = 0;
  override get(name: string): Promise<Uint8Array> {
    this.gets++;
    return super.get(name);
  }
}

describe('a cache of tables', () => {
  const range = (from: number, to: number) => ({
    start: T0 + BigInt(from) * WINDOW_NS,
    end: T0 + BigInt(to) * WINDOW_NS,
  });
  async function filled(windows: number): Promise<CountingBucket> {
    const bucket = new CountingBucket();
    for (let i = 0; i < windows; i++) {
      const start = T0 + BigInt(i) * WINDOW_NS;
      await new TocWriter(bucket).add('t', { path: `object-${i}`, summary: summary(start), created: 1 });
    }
    return bucket;
  }
  const paths = async (cache: TocCache, of: { start: bigint; end: bigint } | undefined): Promise<string[]> =>
    (await cache.read('t', of)).windows.flatMap(({ entries }) => entries.map(({ path }) => path));

  test('finds the windows of a short range, of a long one, and all', async () => {
    const cache = new TocCache(await filled(6), 1 << 20);
    expect(await paths(cache, range(1, 3))).toEqual(['object-1', 'object-2']);
    expect(await paths(cache, range(1, 40))).toEqual(['object-1', 'object-2', 'object-3', 'object-4', 'object-5']);
    expect(await paths(cache, { start: 0n, end: 1n << 62n })).toHaveLength(6);
    expect(await paths(cache, undefined)).toHaveLength(6);
    expect(await paths(cache, range(2, 2))).toEqual([]);
    expect(await paths(cache, range(20, 21))).toEqual([]);
  });

  test('reads a table again only when it has changed', async () => {
    const bucket = await filled(2);
    const cache = new TocCache(bucket, 1 << 20);
    await paths(cache, range(0, 2));
    await paths(cache, range(0, 2));
    expect(bucket.gets).toBe(2);
    await new TocWriter(bucket).add('t', { path: 'new', summary: summary(T0), created: 1 });
    expect(await paths(cache, range(0, 2))).toEqual(['object-0', 'new', 'object-1']);
    expect(bucket.gets).toBe(3);
  });

  test('forgets the table used longest ago when it has no room', async () => {
    const bucket = await filled(3);
    const cache = new TocCache(bucket, 2400);
    await paths(cache, range(0, 1));
    await paths(cache, range(1, 2));
    await paths(cache, range(0, 1));
    await paths(cache, range(2, 3));
    expect(bucket.gets).toBe(3);
    await paths(cache, range(0, 1));
    expect(bucket.gets).toBe(3);
    await paths(cache, range(1, 2));
    expect(bucket.gets).toBe(4);
  });

  test('reports a damaged table and goes on without it', async () => {
    const bucket = await filled(2);
    await bucket.upload(tocPath('t', T0), Buffer.from('damaged'));
    const { windows, damaged } = await new TocCache(bucket, 1 << 20).read('t', range(0, 2));
    expect(windows.flatMap(({ entries }) => entries.map(({ path }) => path))).toEqual(['object-1']);
    expect(damaged).toEqual([{ path: tocPath('t', T0), reason: expect.stringContaining('shorter than its header') }]);
  });
});
