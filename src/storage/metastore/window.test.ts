import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlaps, parseWindowName, WINDOW_NS, windowName, windowOf } from './window.js';

const times = fc.bigInt({ min: -(1n << 63n) + WINDOW_NS, max: (1n << 63n) - 1n });

test('every time is in exactly one window, also before 1970', () => {
  fc.assert(
    fc.property(times, (time) => {
      const window = windowOf(time);
      return window <= time && time < window + WINDOW_NS && window % WINDOW_NS === 0n;
    }),
  );
  expect(windowOf(-1n)).toBe(-WINDOW_NS);
});

test('a window has a name that sorts as its time does and can be read back', () => {
  expect(windowName(windowOf(1_793_491_200_000_000_000n))).toBe('2026-11-01T00Z');
  expect(windowName(windowOf(1_793_534_400_000_000_000n))).toBe('2026-11-01T12Z');
  fc.assert(
    fc.property(times, times, (a, b) => {
      const [first, second] = [windowOf(a), windowOf(b)];
      expect(parseWindowName(windowName(first))).toBe(first);
      expect(windowName(first) < windowName(second)).toBe(first < second);
    }),
  );
  for (const name of ['2026-11-01T06Z', '2026-13-01T00Z', '2026-11-01', 'x'])
    expect(parseWindowName(name)).toBeUndefined();
});

test('a range overlaps times from its start to right before its end', () => {
  const range = { start: 10n, end: 20n };
  expect([
    overlaps(range, 0n, 9n),
    overlaps(range, 0n, 10n),
    overlaps(range, 19n, 30n),
    overlaps(range, 20n, 30n),
  ]).toEqual([false, true, true, false]);
});
