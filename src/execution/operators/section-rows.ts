import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import type { LogBatch } from '../batch/log-batch.js';
import type { ExecutionContext } from '../context.js';
import type { TopKBound } from './top-k.js';

/** Rows first..last-1 of a page. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** Which rows of a section are asked for: of wanted streams, in the range, and not counted from its index yet. */
export class SectionRows {
  /** By stream: 1 = wanted. */
  readonly wanted: Uint8Array;
  /** By run: 1 = counted from the index. */
  covered: Uint8Array | undefined;
  /** Start and end (exclusive) in ns since the section's base. */
  readonly range: readonly [number, number];
  readonly #target: SectionTarget;
  readonly #pointers: Pointers;
  readonly #counters: ExecutionContext['counters'];

  constructor(
    target: SectionTarget,
    { range }: ScanOptions,
    pointers: Pointers,
    streams: number,
    counters: ExecutionContext['counters'],
  ) {
    this.#target = target;
    this.#pointers = pointers;
    this.#counters = counters;
    this.wanted = new Uint8Array(streams);
    for (const stream of target.streams) this.wanted[stream] = 1;
    this.range = [Number(range.start - pointers.base), Number(range.end - pointers.base)];
  }

  /** Candidate pages that still have rows to look at. */
  pagesLeft(): number[] {
    const { runs } = this.#pointers;
    const pages = this.wanted.includes(1) ? [...this.#target.pages] : [];
    const left = pages.filter((page) => {
      for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) if (this.wantsRun(run)) return true;
      return false;
    });
    this.#counters.pagesPruned += this.#target.pages.length - left.length;
    return left;
  }

  wantsRun(run: number): boolean {
    const { runs } = this.#pointers;
    const [from, to] = this.range;
    if (this.wanted[runs.stream[run]!] === 0 || this.covered?.[run] === 1) return false;
    return runs.maxTime[run]! >= from && runs.minTime[run]! < to;
  }

  /** Start and end (exclusive) of what is asked for of a page; undefined where that is all of it. */
  cutOf(page: number, bound: TopKBound | undefined): readonly [number, number] | undefined {
    const { pages, base } = this.#pointers;
    let [from, to] = this.range;
    if (bound?.time !== undefined) {
      const time = Number(bound.time - base);
      if (bound.ascending) to = Math.min(to, time + 1);
      else from = Math.max(from, time);
    }
    return pages.minTime[page]! >= from && pages.maxTime[page]! < to ? undefined : [from, to];
  }

  /** First and last time of what a page has of wanted rows, in ns since the section's base. */
  timesOf(page: number): readonly [number, number] {
    const { starts, minTime, maxTime } = this.#pointers.runs;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let run = starts[page]!; run < starts[page + 1]!; run++) {
      if (!this.wantsRun(run)) continue;
      if (minTime[run]! < first) first = minTime[run]!;
      if (maxTime[run]! > last) last = maxTime[run]!;
    }
    return [first, last];
  }

  bounds(page: number): [bigint, bigint] {
    const { base, pages } = this.#pointers;
    return [base + BigInt(pages.minTime[page]!), base + BigInt(pages.maxTime[page]!)];
  }

  /** The rows of a page from the first run that is wanted to the last; those of one stream are few of many. */
  stretch(page: number): Stretch {
    const { starts, rows } = this.#pointers.runs;
    let first = -1;
    let last = 0;
    for (let run = starts[page]!, row = 0; run < starts[page + 1]!; run++) {
      const end = row + rows[run]!;
      if (this.wantsRun(run)) {
        if (first < 0) first = row;
        last = end;
      }
      row = end;
    }
    return { first: Math.max(first, 0), last };
  }

  /** What is left of a stretch between two times, of whose rows these are the `times`: those of a run are in their order. */
  between(page: number, { first, last }: Stretch, times: Float64Array, [from, to]: readonly [number, number]): Stretch {
    const { starts, rows } = this.#pointers.runs;
    let left = { first: last, last: first };
    for (let run = starts[page]!, row = -first; run < starts[page + 1]!; run++) {
      const end = row + rows[run]!;
      if (this.wantsRun(run)) {
        const start = firstAtLeast(times, row, end, from);
        const stop = firstAtLeast(times, start, end, to);
        if (start < stop) left = { first: Math.min(left.first, first + start), last: first + stop };
      }
      row = end;
    }
    return left.first < left.last ? left : { first, last: first };
  }

  /** Fills the stream column from the runs and selects those of wanted streams. The batch has a stretch of the page. */
  selectRuns(page: number, { first, last }: Stretch, batch: LogBatch): void {
    const { runs } = this.#pointers;
    const selected = new Int32Array(batch.rows);
    let count = 0;
    for (let run = runs.starts[page]!, next = -first; run < runs.starts[page + 1]! && next < last - first; run++) {
      const row = Math.max(next, 0);
      next += runs.rows[run]!;
      if (next <= 0) continue;
      const end = Math.min(next, batch.rows);
      batch.streamIds.fill(runs.stream[run]!, row, end);
      if (!this.wantsRun(run)) continue;
      for (let i = row; i < end; i++) selected[count++] = i;
      this.countScanned(run);
    }
    if (count < batch.rows) batch.select(selected, count);
  }

  countScanned(run: number): void {
    const { runs } = this.#pointers;
    const counters = this.#counters;
    counters.bytesScanned += runs.messageBytes[run]!;
    counters.metadataBytesScanned += runs.metadataBytes[run]!;
  }

  cutByTime(batch: LogBatch, [from, to]: readonly [number, number]): void {
    const rows = batch.selection ?? new Int32Array(batch.rows);
    const { times } = batch;
    let kept = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      if (times[row]! >= from && times[row]! < to) rows[kept++] = row;
    }
    batch.select(rows, kept);
  }
}

/** The first of from..to-1 whose time, of ascending ones, is at least so late; `to` where none is. */
function firstAtLeast(times: Float64Array, from: number, to: number, time: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
