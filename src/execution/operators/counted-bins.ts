import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import { type Counts, metadataColumn, type Pointers } from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { StringColumn } from '../batch/column.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import type { StreamSet } from '../batch/streams.js';
import { NOTHING } from './covered-runs.js';
import type { OlderCopies } from './older-copies.js';
import { namesIn, readsMessage } from './scan-filter.js';

/**
 * Counting by the bins that were counted when the section was written: one weighted row a bin, whatever is in it. A stream
 * is counted so when each of its bins lies in one pane of the windows and in the range, and no row may be a copy.
 */
export interface CountedBins {
  /** By stream: 1 = all its rows are in the batch. */
  readonly streams: Uint8Array;
  readonly batch: LogBatch;
}

/** Which counts of a section answer a scan, if any: those by the one metadata key that it asks for, or by none. */
export function countsFor(scan: ScanOptions, { counted, columns, restKeys }: Pointers): number | undefined {
  if (scan.projections === undefined || scan.predicates.some(readsMessage)) return undefined;
  const asked = new Set(scan.predicates.flatMap(namesIn));
  for (const { type, name } of scan.projections) if (type !== 'builtin' && type !== 'generated') asked.add(name);
  const isKept = (name: string): boolean =>
    restKeys.includes(name) || columns.some((column) => column.name === metadataColumn(name));
  const keys: string[] = [];
  for (const name of asked) {
    // A name may be a label's, moved aside by metadata of the same name, and `*` is all labels.
    if (name === '*' || name.startsWith('__error') || name.endsWith('_extracted')) return undefined;
    if (isKept(name)) keys.push(name);
  }
  if (keys.length > 1) return undefined;
  const index = counted.findIndex(({ key }) => key === (keys[0] ?? ''));
  return index < 0 ? undefined : index;
}

interface Asked {
  readonly target: SectionTarget;
  readonly scan: ScanOptions;
  readonly pointers: Pointers;
  readonly streams: StreamSet;
  /** By stream: 1 = its rows are asked for. */
  readonly wanted: Uint8Array;
  readonly copies: OlderCopies;
  readonly grid: PaneGrid;
}

export function countBins(asked: Asked, index: number, counts: Counts): CountedBins {
  const streams = wholeStreams(asked, counts);
  const sums = sumByPane(asked, counts, streams);
  const { key, values } = asked.pointers.counted[index]!;
  const column: StringColumn = { ids: sums.value, values };
  const source: RowSource = {
    ...NOTHING,
    messageLengths: () => sums.bytes,
    metadataKeys: () => (key === '' ? [] : [key]),
    metadata: (name) => (name === key && key !== '' ? column : undefined),
  };
  const batch = new LogBatch(asked.pointers.base, sums.times, asked.streams, sums.stream, source);
  batch.weights = sums.rows;
  return { streams, batch };
}

/** One row for each group and pane, at a time of the pane. */
function sumByPane({ pointers, grid }: Asked, counts: Counts, whole: Uint8Array) {
  const { starts, bin, rows, messageBytes } = counts;
  const room = bin.length;
  const sums = {
    ...{ stream: new Int32Array(room), value: new Int32Array(room), bytes: new Int32Array(room) },
    ...{ times: new Float64Array(room), rows: new Float64Array(room) },
  };
  const last = lastTime(pointers);
  const shift = Number(pointers.base - grid.origin);
  let count = 0;
  for (let g = 0; g < counts.stream.length; g++) {
    if (whole[counts.stream[g]!] === 0) continue;
    let isNew = true;
    for (let b = starts[g]!; b < starts[g + 1]!; b++) {
      const time = Math.min(endOf(counts, bin[b]!), last);
      if (isNew || !grid.covers(time + shift, time + shift)) {
        grid.locate(time + shift);
        sums.stream[count] = counts.stream[g]!;
        sums.value[count] = counts.value[g]!;
        sums.times[count++] = time;
        isNew = false;
      }
      sums.rows[count - 1]! += rows[b]!;
      sums.bytes[count - 1]! += messageBytes[b]!;
    }
  }
  return {
    ...{ stream: sums.stream.subarray(0, count), value: sums.value.subarray(0, count) },
    ...{ bytes: sums.bytes.subarray(0, count), times: sums.times.subarray(0, count) },
    rows: sums.rows.subarray(0, count),
  };
}

/** Streams that are asked for and none of whose bins is cut. */
function wholeStreams({ scan, pointers, wanted, copies, grid }: Asked, counts: Counts): Uint8Array {
  const whole = wanted.slice();
  const { starts, stream, bin, widthNs } = counts;
  const from = Number(scan.range.start - pointers.base);
  const to = Number(scan.range.end - pointers.base);
  const shift = Number(pointers.base - grid.origin);
  const toCopies = Number(pointers.base - copies.base);
  const last = lastTime(pointers);
  for (let g = 0; g < stream.length; g++) {
    const of = stream[g]!;
    const mayBeCopies = copies.size > 0;
    for (let b = starts[g]!; b < starts[g + 1]! && whole[of] === 1; b++) {
      const binEnd = endOf(counts, bin[b]!);
      const end = Math.min(binEnd, last);
      const start = Math.max(binEnd - widthNs + 1, 0);
      const isWhole = start >= from && end < to && inOnePane(grid, start + shift, end + shift);
      if (!isWhole || (mayBeCopies && copies.concernsAny(of, start + toCopies, end + toCopies))) whole[of] = 0;
    }
  }
  return whole;
}

function inOnePane(grid: PaneGrid, first: number, last: number): boolean {
  grid.locate(first);
  return grid.covers(first, last);
}

function lastTime({ pages }: Pointers): number {
  return pages.maxTime.reduce((max, time) => Math.max(max, time), 0);
}

/** The last time of a bin. */
function endOf({ origin, widthNs }: Counts, bin: number): number {
  return origin + (bin + 1) * widthNs;
}
