import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cannotContribute, certainTime, expectedTime } from './enough.js';

const emitted = fc.array(
  fc.record({ rows: fc.integer({ min: 1, max: 9 }), lastTime: fc.bigInt({ min: 0n, max: 20n }) }),
);

test('the certain time is the best by which the finished scans have sent enough', () => {
  fc.assert(
    fc.property(emitted, fc.integer({ min: 1, max: 30 }), fc.boolean(), (scans, rows, ascending) => {
      const vouched = (time: bigint): number =>
        scans
          .filter(({ lastTime }) => (ascending ? lastTime <= time : lastTime >= time))
          .reduce((sum, scan) => sum + scan.rows, 0);
      const times = Array.from({ length: 21 }, (_, i) => BigInt(ascending ? i : 20 - i));
      expect(certainTime(scans, { rows, ascending })).toBe(times.find((time) => vouched(time) >= rows));
    }),
  );
});

test('a range cannot contribute exactly when all of it is beyond the certain time', () => {
  expect(cannotContribute({ start: 10n, end: 20n }, 9n, true)).toBe(true);
  expect(cannotContribute({ start: 10n, end: 20n }, 10n, true)).toBe(false);
  expect(cannotContribute({ start: 10n, end: 20n }, 20n, false)).toBe(true);
  expect(cannotContribute({ start: 10n, end: 20n }, 19n, false)).toBe(false);
});

describe('the expected time', () => {
  const found = { rows: 600, cost: 100 };
  const running = [
    { cost: 50, range: { start: 0n, end: 100n } },
    { cost: 50, range: { start: 100n, end: 200n } },
  ];

  test('is that at which scans that run have found what is missing, as many rows for their cost as others', () => {
    expect(expectedTime(found, running, { rows: 750, ascending: true })).toBe(50n);
    expect(expectedTime(found, running, { rows: 750, ascending: false })).toBe(150n);
    expect(expectedTime(found, running, { rows: 1050, ascending: false })).toBe(50n);
  });

  test('is not known where they will find too few, or nothing has been found', () => {
    expect(expectedTime(found, running, { rows: 1300, ascending: true })).toBeUndefined();
    expect(expectedTime(found, [], { rows: 601, ascending: true })).toBeUndefined();
    expect(expectedTime({ rows: 0, cost: 10 }, running, { rows: 1, ascending: true })).toBeUndefined();
    expect(expectedTime({ rows: 1, cost: 0 }, running, { rows: 1, ascending: true })).toBeUndefined();
  });
});
