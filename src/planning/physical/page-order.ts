import type { ScanOptions } from './node.js';

/** Streams on pages: runs starts[p] to before starts[p + 1] are those of page p. Times are inclusive. */
export interface PageRuns {
  readonly starts: Int32Array;
  readonly stream: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

/**
 * Pages of a section in the order in which a scan reads them: by their first time, or by their last one from the end. Rows of one
 * stream and time come as they are stored, or in the exact reverse (B15), and a page may end among them: then the page whose rows
 * have to come first is read as early as the other one, though its own times would not ask for that.
 */
export function pageOrder(pages: Iterable<number>, runs: PageRuns, order: ScanOptions['order']): number[] {
  const stored = [...pages].sort((a, b) => a - b);
  if (order === 'any') return stored;
  // With times negated, and from the end, the first are what else the last are.
  const sign = order === 'ascending' ? -1 : 1;
  const ordered = sign === 1 ? stored : stored.reverse();
  const keys = lastTimes(ordered, runs, sign);
  const places = ordered.map((_, i) => i).reverse();
  return places.sort((a, b) => keys[b]! - keys[a]!).map((place) => ordered[place]!);
}

/** Of each page its last time, or that of one before it on which rows of a stream end where those of this one begin. */
function lastTimes(pages: readonly number[], { starts, stream, ...times }: PageRuns, sign: 1 | -1): Float64Array {
  const [last, first] = sign === 1 ? [times.maxTime, times.minTime] : [times.minTime, times.maxTime];
  const keys = new Float64Array(pages.length);
  const ends = new Float64Array(streamsIn(stream)).fill(Number.NEGATIVE_INFINITY);
  const keysOfEnds = new Float64Array(ends.length);
  pages.forEach((page, i) => {
    let key = Number.NEGATIVE_INFINITY;
    for (let run = starts[page]!; run < starts[page + 1]!; run++) {
      const of = stream[run]!;
      key = Math.max(key, sign * last[run]!);
      if (ends[of]! >= sign * first[run]!) key = Math.max(key, keysOfEnds[of]!);
    }
    for (let run = starts[page]!; run < starts[page + 1]!; run++) {
      const of = stream[run]!;
      ends[of] = Math.max(ends[of]!, sign * last[run]!);
      keysOfEnds[of] = key;
    }
    keys[i] = key;
  });
  return keys;
}

function streamsIn(stream: Int32Array): number {
  let most = -1;
  for (let run = 0; run < stream.length; run++) if (stream[run]! > most) most = stream[run]!;
  return most + 1;
}
