import type { RunTimes } from '../physical/certain-rows.js';
import type { ScanOptions, ScanSet, ScanTarget, SectionTarget } from '../physical/node.js';
import { pageOrder } from '../physical/page-order.js';

/** What one scan task reads. */
export interface Piece {
  readonly target: ScanTarget;
  /** Among all pieces, for rows of equal time: the lowest comes first. */
  readonly rank: number;
}

/** Pages of a piece: a few megabytes of lines. */
const PIECE_PAGES = 24;
/** Who wants rows in order has enough after a few pieces, or needs many. */
const PIECES_MAX = 8;

/**
 * The targets in the order in which scans had best be released: a limit is met soonest by what comes first in the result.
 * Where that order matters, the sections that come first are cut into pieces of few pages, so that several threads work
 * on the newest rows, and what comes after can be left out. `most`: pieces, before sections are left whole.
 */
export function scanPieces({ targets, scan }: ScanSet, most = PIECES_MAX): Piece[] {
  if (scan.order === 'any') return targets.map((target, rank) => ({ target, rank }));
  const begins = (a: ScanTarget, b: ScanTarget): number =>
    scan.order === 'ascending' ? before(a.minTime, b.minTime) : before(b.maxTime, a.maxTime);
  const ordered = scan.order === 'ascending' ? targets.toSorted(begins) : targets.toReversed().toSorted(begins);
  const pieces: ScanTarget[] = [];
  for (const target of ordered) {
    if (target.kind === 'live' || target.runs === undefined || pieces.length >= most) pieces.push(target);
    else pieces.push(...cut(target, target.runs, scan, most - pieces.length));
  }
  return pieces.map((target, rank) => ({ target, rank })).sort((a, b) => begins(a.target, b.target));
}

function before(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Pages of a section with rows in the range, in the order of the scan, and what is known of these rows. */
interface PageRows {
  readonly page: number;
  readonly minTime: number;
  readonly maxTime: number;
  readonly rows: number;
}

/** At most so many pieces, the last of which has all that is left. */
function cut(target: SectionTarget, runs: RunTimes, scan: ScanOptions, most: number): SectionTarget[] {
  if (target.pages.length <= PIECE_PAGES) return [target];
  const pages = pagesInOrder(target, runs, scan);
  const count = Math.min(most, Math.ceil(pages.length / PIECE_PAGES));
  if (count <= 1) return [target];
  // Even ones, unless there are more than pieces have room for.
  const size = Math.min(PIECE_PAGES, Math.ceil(pages.length / count));
  return Array.from({ length: count }, (_, i) =>
    pieceOf(target, runs, pages.slice(i * size, i === count - 1 ? pages.length : (i + 1) * size)),
  );
}

/** As the scan itself orders its pages, so that rows of equal time stay in their order. */
function pagesInOrder(target: SectionTarget, runs: RunTimes, { range, order }: ScanOptions): PageRows[] {
  const from = Number(range.start - runs.base);
  const to = Number(range.end - runs.base);
  const matching = new Set(target.streams);
  const found = new Map<number, PageRows>();
  for (const page of target.pages) {
    let [minTime, maxTime, rows] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) {
      if (!matching.has(runs.stream[run]!) || runs.maxTime[run]! < from || runs.minTime[run]! >= to) continue;
      minTime = Math.min(minTime, runs.minTime[run]!);
      maxTime = Math.max(maxTime, runs.maxTime[run]!);
      rows += runs.rows[run]!;
    }
    if (rows > 0) found.set(page, { page, minTime, maxTime, rows });
  }
  return pageOrder(found.keys(), runs, order).map((page) => found.get(page)!);
}

function pieceOf(target: SectionTarget, { base }: RunTimes, pages: readonly PageRows[]): SectionTarget {
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const minTime = base + BigInt(Math.min(...pages.map((page) => page.minTime)));
  const maxTime = base + BigInt(Math.max(...pages.map((page) => page.maxTime)));
  const numbers = Int32Array.from(pages, ({ page }) => page).sort();
  return {
    ...target,
    ...{ pages: numbers, minTime, maxTime, rows },
    bytes: Math.ceil((target.bytes * rows) / Math.max(target.rows, 1)),
    overlaps: target.overlaps.filter((overlap) => overlap.minTime <= maxTime && overlap.maxTime >= minTime),
    // Kept results are those of the same pages.
    ...(target.selector !== undefined && { selector: `${target.selector} ${numbers.join()}` }),
  };
}
