import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { section } from '../../../test/support/plan-case.js';
import type { RunTimes } from '../physical/certain-rows.js';
import type { ScanOptions, ScanTarget, SectionTarget } from '../physical/node.js';
import { scanPieces } from './pieces.js';

const BASE = 1_793_491_200_000_000_000n;
const ALL = { start: BASE, end: BASE + 1_000_000n };

/** One run of stream 1 a page, from the first to the last of two times. */
function sectionOf(location: string, pages: readonly (readonly [number, number])[], more: Partial<SectionTarget> = {}) {
  const runs: RunTimes = {
    base: BASE,
    starts: Int32Array.from({ length: pages.length + 1 }, (_, page) => page),
    stream: new Int32Array(pages.length).fill(1),
    rows: new Int32Array(pages.length).fill(10),
    minTime: Float64Array.from(pages, ([first]) => first),
    maxTime: Float64Array.from(pages, ([, last]) => last),
  };
  return section({
    ...{ location, runs, pages: Int32Array.from(pages.keys()), rows: pages.length * 10, bytes: pages.length * 1000 },
    minTime: BASE + BigInt(Math.min(...runs.minTime)),
    maxTime: BASE + BigInt(Math.max(...runs.maxTime)),
    ...more,
  });
}

const piecesOf = (targets: readonly ScanTarget[], scan: Partial<ScanOptions> = {}) =>
  scanPieces({ kind: 'scan-set', targets, scan: { range: ALL, predicates: [], order: 'descending', ...scan } });

const slices = (count: number, from = 0) => Array.from({ length: count }, (_, i) => [from + i, from + i + 1] as const);
const pagesOf = (target: ScanTarget): number[] => (target.kind === 'section' ? [...target.pages] : []);

describe('sections whose order matters', () => {
  it('are cut into even pieces of few pages, the newest released first', () => {
    const pieces = piecesOf([sectionOf('a', slices(40))]);
    expect(pieces.map(({ target }) => pagesOf(target).length)).toEqual([20, 20]);
    expect(pagesOf(pieces[0]!.target).at(-1)).toBe(39);
    expect(pieces.map(({ target }) => target.rows)).toEqual([200, 200]);
    expect(pieces[1]!.target.maxTime).toBe(BASE + 20n);
    const oldest = piecesOf([sectionOf('a', slices(40))], { order: 'ascending' });
    expect(pagesOf(oldest[0]!.target)[0]).toBe(0);
  });

  it('are left whole where any order will do, and where they are small', () => {
    expect(piecesOf([sectionOf('a', slices(40))], { order: 'any' })).toHaveLength(1);
    expect(piecesOf([sectionOf('a', slices(24))])).toHaveLength(1);
  });

  it('are left whole behind the first pieces', () => {
    const pieces = piecesOf([sectionOf('a', slices(300)), sectionOf('b', slices(1000, 500))]);
    expect(pieces.map(({ target }) => [target.kind === 'section' && target.location, pagesOf(target).length])).toEqual([
      ...Array.from({ length: 7 }, () => ['b', 24]),
      ['b', 1000 - 7 * 24],
      ['a', 300],
    ]);
  });

  it('are not looked at beyond the range', () => {
    const range = { start: BASE + 95n, end: ALL.end };
    expect(piecesOf([sectionOf('a', slices(100))], { range }).map(({ target }) => pagesOf(target).length)).toEqual([
      100,
    ]);
    const wider = { start: BASE + 50n, end: ALL.end };
    const pages = piecesOf([sectionOf('a', slices(100))], { range: wider }).flatMap(({ target }) => pagesOf(target));
    expect(pages.sort((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, i) => i + 49));
  });

  it('keep overlaps with what is as old as a piece, and tell kept results apart', () => {
    const overlap = {
      ...{ other: { location: 'x', section: 0 }, streams: Int32Array.of(1), otherStreams: Int32Array.of(1) },
      ...{ minTime: BASE, maxTime: BASE + 3n },
    };
    const [newest, oldest] = piecesOf([sectionOf('a', slices(40), { overlaps: [overlap], selector: '{}' })]);
    expect(newest!.target.overlaps).toEqual([]);
    expect(oldest!.target.overlaps).toEqual([overlap]);
    expect((newest!.target as SectionTarget).selector).not.toBe((oldest!.target as SectionTarget).selector);
  });

  it('have every page with rows in the range in one piece, and equal times in the order of whole sections', () => {
    const page = fc.tuple(fc.nat(300), fc.nat(30)).map(([first, length]) => [first, first + length] as const);
    const sections = fc.array(fc.array(page, { minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sections, fc.constantFrom('ascending', 'descending'), (cut, order) => {
        const targets = cut.map((pages, i) => sectionOf(`s${i}`, pages));
        const pieces = piecesOf(targets, { order });
        const ranked = [...pieces].sort((a, b) => a.rank - b.rank).map(({ target }) => target as SectionTarget);
        const sign = order === 'ascending' ? 1 : -1;
        const whole = (order === 'ascending' ? targets : targets.toReversed()).toSorted((a, b) =>
          Number(order === 'ascending' ? a.minTime - b.minTime : b.maxTime - a.maxTime),
        );
        expect([...new Set(ranked.map(({ location }) => location))]).toEqual(whole.map(({ location }) => location));
        for (const { location, pages, runs } of targets) {
          const mine = ranked.filter((piece) => piece.location === location);
          expect(mine.flatMap((piece) => [...piece.pages]).sort((a, b) => a - b)).toEqual([...pages]);
          const ends = mine.map((piece) =>
            Array.from(piece.pages, (page) => (order === 'ascending' ? runs!.minTime[page]! : runs!.maxTime[page]!)),
          );
          for (let i = 1; i < ends.length; i++)
            for (const later of ends[i]!)
              for (const sooner of ends[i - 1]!) expect(sign * (later - sooner)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
