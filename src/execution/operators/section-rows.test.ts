import { describe, expect, it } from 'vitest';
import type { SectionTarget } from '../../planning/physical/node.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import { LogBatch } from '../batch/log-batch.js';
import { LabelledStreams } from '../batch/streams.js';
import { noCounts } from '../context.js';
import { NOTHING } from './covered-runs.js';
import { SectionRows } from './section-rows.js';

const RUN_ROWS = [3, 2, 4, 1];
/** One page with a run of each of four streams, ten times apart. */
const pointers = {
  base: 0n,
  runs: {
    starts: Int32Array.of(0, 4),
    stream: Int32Array.of(0, 1, 2, 3),
    rows: Int32Array.from(RUN_ROWS),
    minTime: Float64Array.of(0, 10, 20, 30),
    maxTime: Float64Array.of(9, 19, 29, 39),
    messageBytes: new Int32Array(4),
    metadataBytes: new Int32Array(4),
  },
} as unknown as Pointers;

function rowsOf(streams: number[], range = { start: 0n, end: 100n }): SectionRows {
  const target = { streams: Int32Array.from(streams), pages: Int32Array.of(0) } as unknown as SectionTarget;
  return new SectionRows(target, { range, predicates: [], order: 'any' }, pointers, 4, noCounts());
}

/** Streams of the rows of a page's stretch, and which are selected. */
function selected(rows: SectionRows, stretch = rows.stretch(0)): { streams: number[]; rows: number[] } {
  const count = stretch.last - stretch.first;
  const batch = new LogBatch(0n, new Float64Array(count), new LabelledStreams([]), new Int32Array(count), NOTHING);
  rows.selectRuns(0, stretch, batch);
  return { streams: [...batch.streamIds], rows: Array.from({ length: batch.count }, (_, i) => batch.row(i)) };
}

describe('the stretch of a page', () => {
  it('has the rows from the first to the last that are wanted', () => {
    expect(rowsOf([0, 1, 2, 3]).stretch(0)).toEqual({ first: 0, last: 10 });
    expect(rowsOf([1]).stretch(0)).toEqual({ first: 3, last: 5 });
    expect(rowsOf([1, 3]).stretch(0)).toEqual({ first: 3, last: 10 });
    expect(rowsOf([0, 1, 2, 3], { start: 12n, end: 25n }).stretch(0)).toEqual({ first: 3, last: 9 });
    expect(rowsOf([3], { start: 0n, end: 20n }).stretch(0)).toEqual({ first: 0, last: 0 });
  });

  it('is narrowed to the rows between two times, of those streams', () => {
    const times = Float64Array.of(0, 4, 9, 10, 19, 20, 23, 26, 29, 30);
    const between = (streams: number[], from: number, to: number) => {
      const rows = rowsOf(streams);
      const whole = rows.stretch(0);
      return rows.between(0, whole, times.subarray(whole.first, whole.last), [from, to]);
    };
    expect(between([0, 1, 2, 3], 4, 27)).toEqual({ first: 1, last: 8 });
    expect(between([0, 1, 2, 3], 10, 11)).toEqual({ first: 3, last: 4 });
    expect(between([1, 3], 20, 40)).toEqual({ first: 9, last: 10 });
    expect(between([2], 21, 22)).toEqual({ first: 5, last: 5 });
    expect(selected(rowsOf([0, 2]), { first: 2, last: 7 })).toEqual({ streams: [0, 1, 1, 2, 2], rows: [0, 3, 4] });
    expect(selected(rowsOf([2]), { first: 6, last: 8 })).toEqual({ streams: [2, 2], rows: [0, 1] });
  });

  it('knows the streams of all of its rows, and selects those that are wanted', () => {
    expect(selected(rowsOf([1]))).toEqual({ streams: [1, 1], rows: [0, 1] });
    expect(selected(rowsOf([1, 3]))).toEqual({ streams: [1, 1, 2, 2, 2, 2, 3], rows: [0, 1, 6] });
    expect(selected(rowsOf([0, 1]))).toEqual({ streams: [0, 0, 0, 1, 1], rows: [0, 1, 2, 3, 4] });
  });
});
