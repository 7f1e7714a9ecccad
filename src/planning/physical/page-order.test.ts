import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PageRuns, pageOrder } from './page-order.js';

/** [stream, first time, last time] of each run of each page. */
type Runs = readonly (readonly [number, number, number])[];

function runsOf(pages: readonly Runs[]): PageRuns {
  const starts = [0];
  for (const runs of pages) starts.push(starts.at(-1)! + runs.length);
  const all = pages.flat();
  return {
    starts: Int32Array.from(starts),
    stream: Int32Array.from(all, ([stream]) => stream),
    minTime: Float64Array.from(all, ([, first]) => first),
    maxTime: Float64Array.from(all, ([, , last]) => last),
  };
}

const [A, B, C] = [0, 1, 2];
const reversed = (pages: readonly Runs[]): Runs[] =>
  pages.toReversed().map((runs) => runs.map(([stream, first, last]) => [stream, -last, -first]));

describe('the order in which pages are read', () => {
  it('is that of their first times, or from the end that of their last', () => {
    const runs = runsOf([[[A, 1, 5]], [[A, 6, 9]], [[B, 2, 4]], [[B, 5, 20]]]);
    expect(pageOrder([0, 1, 2, 3], runs, 'ascending')).toEqual([0, 2, 3, 1]);
    expect(pageOrder([0, 1, 2, 3], runs, 'descending')).toEqual([3, 1, 0, 2]);
    expect(pageOrder([3, 1], runs, 'any')).toEqual([1, 3]);
    expect(pageOrder([0, 2], runs, 'descending')).toEqual([0, 2]);
  });

  it('keeps rows of one stream and time in the order in which they are stored, where a page ends among them', () => {
    const pages: Runs[] = [
      [
        [A, 1, 10],
        [B, 5, 7],
      ],
      [
        [B, 7, 7],
        [C, 6, 8],
      ],
    ];
    expect(pageOrder([0, 1], runsOf(pages), 'descending')).toEqual([1, 0]);
    expect(pageOrder([0, 1], runsOf(reversed(pages)), 'ascending')).toEqual([0, 1]);
  });

  it('does so across any number of pages', () => {
    const steps = fc.array(fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3)), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, fc.constantFrom('ascending' as const, 'descending' as const), (drawn, order) => {
        const now = [0, 0, 0];
        const pages = drawn.map((runs) =>
          runs.map(([stream, pause, length]) => {
            const first = now[stream]! + pause;
            now[stream] = first + length;
            return [stream, first, first + length] as const;
          }),
        );
        const found = pageOrder(pages.keys(), runsOf(pages), order);
        expect(found.toSorted((a, b) => a - b)).toEqual([...pages.keys()]);
        const placeOf = (page: number): number => (order === 'ascending' ? 1 : -1) * found.indexOf(page);
        for (const [p, ours] of pages.entries()) {
          for (const [q, theirs] of pages.entries()) {
            const isCut = p < q && ours.some(([s, , last]) => theirs.some(([t, first]) => s === t && last === first));
            if (isCut) expect(placeOf(p)).toBeLessThan(placeOf(q));
          }
        }
      }),
    );
  });
});
