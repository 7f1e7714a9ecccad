import type { Nanos, TimeRange } from '../../wire/time.js';
import type { SectionTarget } from './node.js';

/**
 * The rows of a section as its index has them: page p consists of runs starts[p]..starts[p+1], each of one stream in time
 * order. Times are ns offsets from `base`, both inclusive.
 */
export interface RunTimes {
  readonly base: Nanos;
  readonly starts: Int32Array;
  readonly stream: Int32Array;
  readonly rows: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

/** Sections further apart are not added up: sums of their times would be rounded. */
const DISTANCE_MAX = 2 ** 52;

/**
 * Adds up what indexes say about rows of several sections, to tell by which time so many of them have been seen. A run
 * has a row at either end, and all of its rows lie between these. What may be a copy of a row elsewhere counts there alone;
 * of a run that may have copies, its first row in the order of the query still counts where that one cannot be.
 */
export class CertainRows {
  readonly #ascending: boolean;
  readonly #wanted: number;
  #base: bigint | undefined;
  /** Offsets from the first section's base, in the order of the query negative before positive; and rows by then. */
  #times: number[] = [];
  #rows: number[] = [];
  #total = 0;
  /** Later times are not needed. */
  #last: number | undefined;

  constructor(wanted: number, ascending: boolean) {
    this.#wanted = wanted;
    this.#ascending = ascending;
  }

  /** Runs of matching streams in candidate pages. */
  add(target: SectionTarget, runs: RunTimes, range: TimeRange): void {
    this.#base ??= runs.base;
    const shift = Number(runs.base - this.#base);
    if (Math.abs(shift) > DISTANCE_MAX) return;
    const from = Number(range.start - runs.base);
    const to = Number(range.end - runs.base);
    const mayBeCopy = copiesIn(target, runs.base);
    eachRun(target, runs, (run) => {
      const first = runs.minTime[run]!;
      const last = runs.maxTime[run]!;
      if (last < from || first >= to) return;
      const stream = runs.stream[run]!;
      const [near, far] = this.#ascending ? [first, last] : [last, first];
      const nearInside = near >= from && near < to;
      const farInside = far >= from && far < to;
      if (nearInside && !mayBeCopy(stream, near, near)) this.#count(near + shift, 1);
      if (farInside && !mayBeCopy(stream, first, last)) this.#count(far + shift, nearInside ? runs.rows[run]! - 1 : 1);
    });
  }

  #count(time: number, rows: number): void {
    if (rows === 0 || this.#isNeedless(time)) return;
    this.#times.push(time);
    this.#rows.push(rows);
    this.#total += rows;
  }

  /** The time at or before which (in the order of the query) the wanted number of rows lie; undefined where they are fewer. */
  time(): Nanos | undefined {
    if (this.#total < this.#wanted) return undefined;
    this.#forgetLater();
    const sign = this.#ascending ? 1 : -1;
    const order = [...this.#times.keys()].sort((a, b) => sign * (this.#times[a]! - this.#times[b]!));
    let rows = 0;
    for (const event of order) {
      rows += this.#rows[event]!;
      if (rows >= this.#wanted) return this.#base! + BigInt(this.#times[event]!);
    }
    return undefined;
  }

  /** Each time stands for a row at least, so that as many of the first times as rows are wanted are enough. */
  #forgetLater(): void {
    if (this.#times.length <= this.#wanted) return;
    this.#last = Float64Array.from(this.#times)
      .sort()
      .at(this.#ascending ? this.#wanted - 1 : -this.#wanted);
    const [times, rows] = [this.#times, this.#rows];
    [this.#times, this.#rows, this.#total] = [[], [], 0];
    for (let i = 0; i < times.length; i++) this.#count(times[i]!, rows[i]!);
  }

  #isNeedless(time: number): boolean {
    return this.#last !== undefined && (this.#ascending ? time > this.#last : time < this.#last);
  }
}

/** Whether a stream's rows between two offsets from `base` may be in an older target too. */
function copiesIn({ overlaps }: SectionTarget, base: Nanos): (stream: number, first: number, last: number) => boolean {
  if (overlaps.length === 0) return () => false;
  const spans = overlaps.map(({ streams, minTime, maxTime }) => ({
    streams: new Set(streams),
    first: Number(minTime - base),
    last: Number(maxTime - base),
  }));
  return (stream, first, last) =>
    spans.some((span) => first <= span.last && last >= span.first && span.streams.has(stream));
}

/** The target without pages that have no row of a matching stream in the range; undefined where none is left. */
export function narrowed(target: SectionTarget, runs: RunTimes, range: TimeRange): SectionTarget | undefined {
  const from = Number(range.start - runs.base);
  const to = Number(range.end - runs.base);
  const pages: number[] = [];
  let rows = 0;
  eachRun(target, runs, (run, page) => {
    if (runs.maxTime[run]! < from || runs.minTime[run]! >= to) return;
    if (pages.at(-1) !== page) pages.push(page);
    rows += runs.rows[run]!;
  });
  if (pages.length === 0) return undefined;
  const bytes = Math.ceil((target.bytes * rows) / Math.max(target.rows, 1));
  return { ...target, pages: Int32Array.from(pages), rows, bytes };
}

function eachRun({ pages, streams }: SectionTarget, runs: RunTimes, visit: (run: number, page: number) => void): void {
  const matching = new Uint8Array(streams.reduce((max, stream) => Math.max(max, stream), 0) + 1);
  for (const stream of streams) matching[stream] = 1;
  for (const page of pages) {
    for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++)
      if (matching[runs.stream[run]!] === 1) visit(run, page);
  }
}
