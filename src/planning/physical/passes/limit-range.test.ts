import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { live, logicalPlanOf, section } from '../../../../test/support/plan-case.js';
import type { RunTimes } from '../certain-rows.js';
import { lowerPlan } from '../lower.js';
import { inputsOf, type Node, type ScanSet, type ScanTarget, type SectionTarget } from '../node.js';
import { optimize } from '../optimize.js';

const SECOND = 1_000_000_000n;
/** Each holds one minute of every hour, from 00:30 on; the last one fewer rows. */
const HOURS = [
  section({ location: 'a', rows: 500 }, 0),
  section({ location: 'b', rows: 500 }, 1),
  section({ location: 'c', rows: 500 }, 2),
  section({ location: 'd', rows: 5 }, 3),
];

function setOf(query: string, fields: Record<string, string>, targets: readonly ScanTarget[] = HOURS): ScanSet {
  const day = { start: '0', end: '86400', ...fields };
  const find = (node: Node): ScanSet | undefined =>
    node.kind === 'scan-set'
      ? node
      : inputsOf(node)
          .map(find)
          .find((one) => one !== undefined);
  return find(optimize(lowerPlan(logicalPlanOf(query, day), [{ targets }])).plan)!;
}

const read = ({ targets }: ScanSet): string[] =>
  targets.map((target) => (target.kind === 'section' ? target.location : 'live'));

describe('a limit bounds the time that is looked at', () => {
  it('by the section that has enough, from the end where the rows come from', () => {
    const newest = setOf('{a="b"}', { limit: '100', direction: 'backward' });
    expect(read(newest)).toEqual(['c', 'd']);
    expect(newest.scan.range).toEqual({ start: HOURS[2]!.minTime, end: 86_400n * SECOND });
    const oldest = setOf('{a="b"}', { limit: '100', direction: 'forward' });
    expect(read(oldest)).toEqual(['a']);
    expect(oldest.scan.range).toEqual({ start: 0n, end: HOURS[0]!.maxTime + 1n });
  });

  it('but keeps what overlaps with it, and memory', () => {
    const targets = [...HOURS, section({ location: 'e', rows: 1, maxTime: HOURS[2]!.minTime }, 1), live()];
    expect(read(setOf('{a="b"}', { limit: '100' }, targets))).toEqual(['c', 'd', 'e']);
    const late = live({ maxTime: 80_000n * SECOND });
    expect(read(setOf('{a="b"}', { limit: '100' }, [...HOURS, late]))).toEqual(['c', 'd', 'live']);
  });

  it.each([
    ['a filter may leave nothing of it', '{a="b"} |= "x"', '100'],
    ['a label filter may', '{a="b"} | json | x="y"', '100'],
    ['more are wanted than any has', '{a="b"}', '501'],
    ['all rows are counted', 'count_over_time({a="b"}[5m])', '100'],
  ])('not where %s', (_, query, limit) => {
    expect(read(setOf(query, { limit }))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('not by a section that lies in the range in part', () => {
    const end = '9030';
    expect(read(setOf('{a="b"}', { limit: '100', end }))).toEqual(['b', 'c']);
  });
});

interface Run {
  readonly stream: number;
  /** In seconds of the day. */
  readonly times: readonly number[];
}

/** A section of the given pages. Times count from noon. */
function sectionOf(
  location: string,
  pages: readonly (readonly Run[])[],
  more: Partial<SectionTarget> = {},
): SectionTarget {
  const base = 43_200n * SECOND;
  const all = pages.flat();
  const offset = (time: number): number => Number(BigInt(time) * SECOND - base);
  const starts = [0];
  for (const page of pages) starts.push(starts.at(-1)! + page.length);
  const runs: RunTimes = {
    base,
    starts: Int32Array.from(starts),
    stream: Int32Array.from(all, ({ stream }) => stream),
    rows: Int32Array.from(all, ({ times }) => times.length),
    minTime: Float64Array.from(all, ({ times }) => offset(Math.min(...times))),
    maxTime: Float64Array.from(all, ({ times }) => offset(Math.max(...times))),
  };
  const matching = all.filter(({ stream }) => stream !== 3);
  const times = (matching.length > 0 ? matching : all).flatMap((run) => run.times);
  return section({
    ...{ location, runs, rows: matching.flatMap((run) => run.times).length, pages: Int32Array.from(pages.keys()) },
    ...{ minTime: BigInt(Math.min(...times)) * SECOND, maxTime: BigInt(Math.max(...times)) * SECOND },
    ...more,
  });
}

describe('runs of rows bound the time that is looked at', () => {
  const early = sectionOf('early', [[{ stream: 1, times: [100, 150, 200] }], [{ stream: 2, times: [120, 300] }]]);
  const late = sectionOf('late', [[{ stream: 1, times: [250, 400] }], [{ stream: 2, times: [290, 390] }]]);
  const startOf = (targets: readonly ScanTarget[], limit: number): bigint =>
    setOf('{a="b"}', { limit: String(limit) }, targets).scan.range.start / SECOND;

  it('by their ends, over several sections', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7].map((limit) => startOf([early, late], limit));
    expect(bounds).toEqual([400n, 390n, 300n, 290n, 250n, 200n, 120n]);
    expect(read(setOf('{a="b"}', { limit: '2' }, [early, late]))).toEqual(['late']);
    expect(read(setOf('{a="b"}', { limit: '1', direction: 'forward' }, [early, late]))).toEqual(['early']);
  });

  it('but those of other streams and pages do not', () => {
    const one = { streams: Int32Array.of(2) };
    expect(startOf([sectionOf('x', [[{ stream: 1, times: [9] }], [{ stream: 2, times: [5, 7] }]], one)], 1)).toBe(7n);
    const first = { pages: Int32Array.of(0), maxTime: 7n * SECOND };
    expect(startOf([sectionOf('x', [[{ stream: 2, times: [5, 7] }], [{ stream: 2, times: [9] }]], first)], 1)).toBe(7n);
  });

  it('but what may be a copy of an older row does not count twice', () => {
    const overlap = {
      ...{ other: { location: 'early', section: 0 }, minTime: 250n * SECOND, maxTime: 400n * SECOND },
      ...{ streams: Int32Array.of(2), otherStreams: Int32Array.of(2) },
    };
    expect(startOf([early, { ...late, overlaps: [overlap] }], 2)).toBe(300n);
  });

  it('and a section is left out whose own rows lie beyond', () => {
    const wide = sectionOf('wide', [[{ stream: 1, times: [100, 110] }], [{ stream: 7, times: [500] }]]);
    expect(read(setOf('{a="b"}', { limit: '2' }, [wide, early, late]))).toEqual(['late']);
  });

  it('and so many rows really lie within it', () => {
    const run = fc.record({
      stream: fc.constantFrom(1, 2, 3),
      times: fc.array(fc.nat(86_399), { minLength: 1, maxLength: 4 }),
    });
    const pages = fc.array(fc.array(run, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const range = fc.tuple(fc.nat(60_000), fc.integer({ min: 60_001, max: 86_400 }));
    const limits = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('forward', 'backward'));
    fc.assert(
      fc.property(
        fc.array(pages, { minLength: 1, maxLength: 4 }),
        range,
        limits,
        (sections, [start, end], [limit, direction]) => {
          const targets = sections.map((one, i) => sectionOf(`s${i}`, one));
          const fields = { limit: String(limit), direction, start: String(start), end: String(end) };
          const set = setOf('{a="b"}', fields, targets);
          const rows = (within: { start: bigint; end: bigint }, kept: readonly string[]): number =>
            sections
              .filter((_, i) => kept.includes(`s${i}`))
              .flat(2)
              .filter(({ stream }) => stream !== 3)
              .flatMap(({ times }) => times)
              .filter((time) => BigInt(time) * SECOND >= within.start && BigInt(time) * SECOND < within.end).length;
          const all = rows({ start: BigInt(start) * SECOND, end: BigInt(end) * SECOND }, read({ ...set, targets }));
          expect(rows(set.scan.range, read(set))).toBeGreaterThanOrEqual(Math.min(limit, all));
        },
      ),
      { numRuns: 500 },
    );
  });
});
