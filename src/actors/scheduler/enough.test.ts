import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cannotContribute, certainTime } from './enough.js';

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
