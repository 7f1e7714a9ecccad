import { describe, expect, it } from 'vitest';
import type { Overlap } from '../../planning/physical/node.js';
import type { RunIndex } from '../../storage/dataobj/types.js';
import { type Compared, Comparisons, comparedIn, comparisonsOf, mayBeCopies } from './comparisons.js';

const asked = (start: bigint, end: bigint, streams: number[], section = 0): Compared => ({
  ...{ other: { location: 'o', section }, start, end },
  streams: Int32Array.from(streams),
});
const nothing = new Map<number, Set<number>>();

describe('comparisons of sections', () => {
  it('answer for fewer streams and less time, and for nothing else', () => {
    const known = new Comparisons();
    known.keep(asked(10n, 20n, [1, 2]), nothing);
    expect(known.find(asked(10n, 20n, [1, 2]))).toBe(nothing);
    expect(known.find(asked(12n, 13n, [2]))).toBe(nothing);
    expect(known.find(asked(9n, 20n, [1]))).toBeUndefined();
    expect(known.find(asked(10n, 21n, [1]))).toBeUndefined();
    expect(known.find(asked(10n, 20n, [1, 3]))).toBeUndefined();
    expect(known.find(asked(10n, 20n, [1], 1))).toBeUndefined();
  });

  it('leave overlaps out of a plan once nothing was found in common, for what was compared', () => {
    const overlap = (streams: number[], section: number): Overlap => ({
      ...{ other: { location: 'o', section }, minTime: 10n, maxTime: 19n },
      ...{ streams: Int32Array.from(streams), otherStreams: Int32Array.from(streams) },
    });
    const overlaps = [overlap([1, 2], 0), overlap([1, 2], 1), overlap([1, 3], 2)];
    const index = { runs: {} as RunIndex };
    const left = (start: bigint, end: bigint): unknown[] =>
      mayBeCopies(overlaps, { start, end }, index).map(({ other }) => 'section' in other && other.section);
    expect(left(0n, 100n)).toEqual([0, 1, 2]);
    expect(left(20n, 100n)).toEqual([]);
    comparisonsOf(index).keep(comparedIn({ start: 12n, end: 100n }, overlaps[0]!)!, nothing);
    comparisonsOf(index).keep(comparedIn({ start: 0n, end: 100n }, overlaps[1]!)!, new Map([[1, new Set([11])]]));
    expect(left(0n, 100n)).toEqual([0, 1, 2]);
    expect(left(12n, 100n)).toEqual([1, 2]);
    expect(left(12n, 15n)).toEqual([1, 2]);
  });

  it('are replaced by larger ones and do not grow without bound', () => {
    const known = new Comparisons();
    known.keep(asked(0n, 1n, [1]), nothing);
    for (let section = 1; section <= 100; section++) known.keep(asked(0n, 1n, [1], section), nothing);
    expect(known.find(asked(0n, 1n, [1], 100))).toBe(nothing);
    expect(known.find(asked(0n, 1n, [1], 0))).toBeUndefined();
    const more = new Map([[1, new Set([7])]]);
    known.keep(asked(0n, 9n, [1, 2], 100), more);
    expect(known.find(asked(0n, 1n, [1], 100))).toBe(more);
  });

  it('with memory are not kept, nor are those with very much in common', () => {
    const known = new Comparisons();
    const memory = { ...asked(0n, 1n, [1]), other: { ingester: 'i', snapshot: 's' } };
    known.keep(memory, nothing);
    expect(known.find(memory)).toBeUndefined();
    const much = new Map([[1, new Set(Array.from({ length: 5000 }, (_, i) => i))]]);
    known.keep(asked(0n, 1n, [1]), much);
    expect(known.find(asked(0n, 1n, [1]))).toBeUndefined();
  });
});
