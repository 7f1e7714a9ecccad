import { describe, expect, it } from 'vitest';
import { CertainRows, type RunTimes } from './certain-rows.js';
import type { SectionTarget } from './node.js';

/** One page of two streams: three rows at 10..30 and five at 5..40. */
const RUNS: RunTimes = {
  base: 1000n,
  starts: Int32Array.of(0, 2),
  stream: Int32Array.of(0, 1),
  rows: Int32Array.of(3, 5),
  minTime: Float64Array.of(10, 5),
  maxTime: Float64Array.of(30, 40),
};
const TARGET: SectionTarget = {
  kind: 'section',
  location: 'o',
  section: 0,
  streams: Int32Array.of(0, 1),
  minTime: 1005n,
  maxTime: 1040n,
  rows: 8,
  bytes: 8,
  pages: Int32Array.of(0),
  overlaps: [],
};
const EVERYTHING = { start: 0n, end: 2000n };

function certain(wanted: number, ascending: boolean, target = TARGET, range = EVERYTHING): bigint | undefined {
  const rows = new CertainRows(wanted, ascending);
  rows.add(target, RUNS, range);
  return rows.time();
}

/** Rows of the second stream between two times may be copies of older ones. */
function copied(minTime: bigint, maxTime: bigint): SectionTarget {
  const other = { location: 'older', section: 0 };
  return {
    ...TARGET,
    overlaps: [{ other, streams: Int32Array.of(1), otherStreams: Int32Array.of(1), minTime, maxTime }],
  };
}

describe('rows that are certain', () => {
  it('are those at the ends of runs, and all of a run by its end', () => {
    expect([1, 2, 4, 8].map((wanted) => certain(wanted, false))).toEqual([1040n, 1030n, 1010n, 1005n]);
    expect([1, 2, 4, 8].map((wanted) => certain(wanted, true))).toEqual([1005n, 1010n, 1030n, 1040n]);
    expect(certain(9, false)).toBeUndefined();
  });

  it('count the first of a run that may have copies further on, and nothing else of it', () => {
    const early = copied(1000n, 1020n);
    expect([1, 2, 4].map((wanted) => certain(wanted, false, early))).toEqual([1040n, 1030n, 1010n]);
    expect(certain(5, false, early)).toBeUndefined();
    expect(certain(1, true, early)).toBe(1010n);
  });

  it('do not count what may itself be a copy', () => {
    const late = copied(1035n, 1050n);
    expect(certain(1, false, late)).toBe(1030n);
    expect(certain(1, true, late)).toBe(1005n);
  });

  it('lie in the range', () => {
    const range = { start: 1000n, end: 1035n };
    expect([1, 2, 4].map((wanted) => certain(wanted, false, TARGET, range))).toEqual([1030n, 1010n, 1005n]);
  });
});
