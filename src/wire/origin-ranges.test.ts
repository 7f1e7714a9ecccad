import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { includesSeq, joinOrigins, joinRanges, originRanges } from './origin-ranges.js';

describe('ranges of parts', () => {
  it('join where they overlap or touch', () => {
    const ranges = [
      [5, 6],
      [1, 2],
      [3, 3],
      [10, 12],
      [11, 11],
    ] as const;
    expect(joinRanges(ranges)).toEqual([
      [1, 3],
      [5, 6],
      [10, 12],
    ]);
  });

  it('include exactly the parts they were made of, in whatever order these came', () => {
    const parts = fc.array(fc.record({ origin: fc.constantFrom('a', 'b'), seq: fc.integer({ min: 1, max: 40 }) }));
    fc.assert(
      fc.property(parts, (some) => {
        const made = originRanges(some);
        for (const origin of ['a', 'b']) {
          const { ranges = [] } = made.find((one) => one.origin === origin) ?? {};
          for (let seq = 0; seq <= 41; seq++) {
            expect(includesSeq(ranges, seq)).toBe(some.some((one) => one.origin === origin && one.seq === seq));
          }
          for (let i = 1; i < ranges.length; i++) expect(ranges[i]![0]).toBeGreaterThan(ranges[i - 1]![1] + 1);
        }
      }),
    );
  });

  it('of several lists are one list, by origin', () => {
    const joined = joinOrigins([
      [{ origin: 'a', ranges: [[1, 2]] }],
      [
        { origin: 'b', ranges: [[7, 7]] },
        { origin: 'a', ranges: [[3, 4]] },
      ],
    ]);
    expect(joined).toEqual([
      { origin: 'a', ranges: [[1, 4]] },
      { origin: 'b', ranges: [[7, 7]] },
    ]);
  });
});
