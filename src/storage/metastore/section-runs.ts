/** What the index of a section says of some of its streams: the pages they are in, and how much of them. */
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TimeRange } from '../../wire/time.js';
import type { Pointers } from '../dataobj/types.js';
import { addPage, countPages, hasPage, noPages, type PageSet } from './page-set.js';

/** Streams of an object that are asked for. */
export interface AskedStreams {
  /** Ascending. */
  readonly ids: Int32Array;
  /** How many the object has. */
  readonly of: number;
}

export interface RunSums {
  readonly rows: number;
  readonly bytes: number;
  /** Ascending, with the times of each. */
  readonly ids: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

/** The runs of a section in the order of their streams: those of stream s are runs[starts[s]..starts[s+1]]. */
interface RunsByStream {
  readonly starts: Int32Array;
  readonly runs: Int32Array;
  /** By run. */
  readonly pageOf: Int32Array;
}

/** As long as the section's index is open: a stream is looked up in as many steps as it has runs, and not as the section has. */
const inOrder = new WeakMap<Pointers, RunsByStream>();

function runsByStream(pointers: Pointers, streams: number): RunsByStream {
  return getOrCreate(inOrder, pointers, ({ pages, runs }) => {
    const count = runs.stream.length;
    // One place further on than in the end: as its runs are put down, a stream's start moves to where the next one's is.
    const starts = new Int32Array(streams + 2);
    for (let run = 0; run < count; run++) starts[runs.stream[run]! + 2]!++;
    for (let s = 2; s < starts.length; s++) starts[s]! += starts[s - 1]!;
    const [sorted, pageOf] = [new Int32Array(count), new Int32Array(count)];
    for (let page = 0; page < pages.count; page++) pageOf.fill(page, runs.starts[page]!, runs.starts[page + 1]!);
    for (let run = 0; run < count; run++)
      if (runs.stream[run]! < streams) sorted[starts[runs.stream[run]! + 1]!++] = run;
    return { starts: starts.subarray(0, streams + 1), runs: sorted, pageOf };
  });
}

/** Pages with a run of the streams in the range, and how many there were before their times were looked at. */
export function pagesOfStreams(
  pointers: Pointers,
  { ids, of }: AskedStreams,
  range: TimeRange,
): { readonly pages: PageSet; readonly ofStreams: number } {
  if (ids.length === of) return { pages: pagesInTime(pointers, range), ofStreams: pointers.pages.count };
  const { base, runs } = pointers;
  const [start, end] = [Number(range.start - base), Number(range.end - base)];
  const [pages, ofStreams] = [noPages(pointers.pages.count), noPages(pointers.pages.count)];
  const { starts, runs: ofStream, pageOf } = runsByStream(pointers, of);
  for (let i = 0; i < ids.length; i++) {
    for (let r = starts[ids[i]!]!; r < starts[ids[i]! + 1]!; r++) {
      const run = ofStream[r]!;
      addPage(ofStreams, pageOf[run]!);
      if (runs.maxTime[run]! >= start && runs.minTime[run]! < end) addPage(pages, pageOf[run]!);
    }
  }
  return { pages, ofStreams: countPages(ofStreams) };
}

/** The same of all streams: mostly the times of a page tell. */
function pagesInTime({ pages: index, runs, base }: Pointers, range: TimeRange): PageSet {
  const [start, end] = [Number(range.start - base), Number(range.end - base)];
  const pages = noPages(index.count);
  for (let page = 0; page < index.count; page++) {
    let isIn = index.minTime[page]! >= start && index.maxTime[page]! < end;
    for (let run = runs.starts[page]!; !isIn && run < runs.starts[page + 1]!; run++)
      isIn = runs.maxTime[run]! >= start && runs.minTime[run]! < end;
    if (isIn) addPage(pages, page);
  }
  return pages;
}

/** Adds up the runs of the streams in some pages that overlap the range. */
export function sumRuns(pointers: Pointers, pages: PageSet, { ids, of }: AskedStreams, range: TimeRange): RunSums {
  const { base, runs } = pointers;
  const [start, end] = [Number(range.start - base), Number(range.end - base)];
  const { starts, runs: ofStream, pageOf } = runsByStream(pointers, of);
  const present = new Int32Array(ids.length);
  const [minTime, maxTime] = [new Float64Array(ids.length), new Float64Array(ids.length)];
  let [count, rows, bytes] = [0, 0, 0];
  for (let i = 0; i < ids.length; i++) {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let r = starts[ids[i]!]!; r < starts[ids[i]! + 1]!; r++) {
      const run = ofStream[r]!;
      if (runs.maxTime[run]! < start || runs.minTime[run]! >= end || !hasPage(pages, pageOf[run]!)) continue;
      if (runs.minTime[run]! < first) first = runs.minTime[run]!;
      if (runs.maxTime[run]! > last) last = runs.maxTime[run]!;
      rows += runs.rows[run]!;
      bytes += runs.messageBytes[run]!;
    }
    if (first > last) continue;
    present[count] = ids[i]!;
    minTime[count] = first;
    maxTime[count++] = last;
  }
  const own = { ids: present.slice(0, count), minTime: minTime.slice(0, count), maxTime: maxTime.slice(0, count) };
  return { rows, bytes, ...own };
}
