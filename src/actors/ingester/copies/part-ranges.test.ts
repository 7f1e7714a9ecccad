import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartMap, PartRanges } from './part-ranges.js';

const seq = fc.integer({ min: 1, max: 60 });
const WHOLE = { origin: 'a', ranges: [[0, Number.MAX_SAFE_INTEGER]] as const };

describe('a set of parts', () => {
  it('has exactly what was added, however it was added', () => {
    const range = fc.tuple(seq, seq).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(seq), fc.array(range), (some, ranges) => {
        const set = new PartRanges();
        for (const one of some) set.add({ origin: 'a', seq: one });
        set.addAll([{ origin: 'a', ranges }]);
        const expected = (n: number) => some.includes(n) || ranges.some(([from, to]) => from <= n && n <= to);
        for (let n = 0; n <= 61; n++) expect(set.has({ origin: 'a', seq: n })).toBe(expected(n));
        expect(set.has({ origin: 'b', seq: some[0] ?? 1 })).toBe(false);
        const within = set.within({ origin: 'a', ranges: [[10, 20]] });
        for (let n = 0; n <= 61; n++) {
          expect(within.some(([from, to]) => from <= n && n <= to)).toBe(n >= 10 && n <= 20 && expected(n));
        }
        expect(set.ranges).toBe(set.within(WHOLE).length);
      }),
    );
  });

  it('with a bound forgets what was added to longest ago', () => {
    const set = new PartRanges(3);
    for (const origin of ['a', 'b']) for (const n of [1, 3]) set.add({ origin, seq: n });
    set.add({ origin: 'a', seq: 5 });
    expect([set.ranges, set.has({ origin: 'b', seq: 1 }), set.has({ origin: 'a', seq: 5 })]).toEqual([3, false, true]);
    set.addAll([{ origin: 'c', ranges: [2, 4, 6, 8].map((n) => [n, n] as const) }]);
    expect([set.ranges, set.has({ origin: 'c', seq: 2 }), set.has({ origin: 'c', seq: 8 })]).toEqual([3, false, true]);
  });
});

describe('a map of parts', () => {
  it('finds those in ranges, however wide these are', () => {
    const map = new PartMap<string>();
    for (const n of [3, 1, 7]) map.set({ origin: 'a', seq: n }, `part ${n}`);
    expect(map.within(WHOLE).map((part) => map.get(part))).toEqual(['part 3', 'part 1', 'part 7']);
    expect(
      map
        .within({
          origin: 'a',
          ranges: [
            [6, 8],
            [1, 2],
          ],
        })
        .map(({ seq: n }) => n),
    ).toEqual([1, 7]);
    map.delete({ origin: 'a', seq: 1 });
    map.set({ origin: 'a', seq: 3 }, 'again');
    expect([map.size, map.get({ origin: 'a', seq: 3 }), map.has({ origin: 'a', seq: 1 })]).toEqual([2, 'again', false]);
  });
});
