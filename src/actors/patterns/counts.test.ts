import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SampleCounts } from './counts.js';

const pairsOf = (counts: SampleCounts): number[][] =>
  Array.from({ length: counts.size }, (_, at) => [counts.interval(at), counts.count(at)]);

it('counts are the sums of their intervals, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 5 }))), fc.nat(11), (adds, cut) => {
      const counts = new SampleCounts();
      const sums = new Map<number, number>();
      for (const [interval, count] of adds) {
        expect(counts.add(interval, count)).toBe(!sums.has(interval));
        sums.set(interval, (sums.get(interval) ?? 0) + count);
      }
      const expected = [...sums].sort(([a], [b]) => a - b);
      expect(pairsOf(counts)).toEqual(expected);
      const kept = expected.filter(([interval]) => interval >= cut);
      expect(counts.lowerBound(cut)).toBe(expected.length - kept.length);
      expect(counts.forgetBefore(cut)).toBe(expected.length - kept.length);
      expect(pairsOf(counts)).toEqual(kept);
    }),
  );
});
