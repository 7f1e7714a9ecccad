import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRfc3339Nano, TimestampView, timestampBase } from './time.js';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

function stored(seconds: number, nanos: number): bigint {
  const column = new BigInt64Array(2);
  new TimestampView(column).set(1, seconds, nanos);
  expect(column[0]).toBe(0n);
  return column[1]!;
}

const split = (ns: bigint): [seconds: number, nanos: number] => {
  const nanos = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [Number((ns - nanos) / 1_000_000_000n), Number(nanos)];
};

describe('a timestamp view', () => {
  it.each([
    0n,
    1n,
    -1n,
    999_999_999n,
    -999_999_999n,
    2n ** 32n - 1n,
    2n ** 32n,
    -(2n ** 32n),
    1_793_491_206_250_000_968n,
    -62_135_596_800n * 1000n,
    MAX_INT64,
    MIN_INT64,
  ])('stores %s from its seconds and nanoseconds', (ns) => {
    expect(stored(...split(ns))).toBe(ns);
  });

  it('stores what BigInt arithmetic would, from 1677 to 2262', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: MIN_INT64, max: MAX_INT64 }), (ns) => {
        expect(stored(...split(ns))).toBe(ns);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads exact offsets from a base within 104 days', () => {
    const within = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n });
    fc.assert(
      fc.property(fc.bigInt({ min: MIN_INT64 / 2n, max: MAX_INT64 / 2n }), within, (base, offset) => {
        const view = new TimestampView(BigInt64Array.of(base + offset));
        expect(view.offset(0, timestampBase(base))).toBe(Number(offset));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('RFC 3339 text', () => {
  it.each<[bigint, string]>([
    [0n, '1970-01-01T00:00:00Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [1_793_491_206_250_000_000n, '2026-11-01T00:00:06.25Z'],
    [MAX_INT64, '2262-04-11T23:47:16.854775807Z'],
  ])('of %s is %s', (ns, text) => {
    expect(formatRfc3339Nano(ns)).toBe(text);
  });
});
