import { type CountedSection, keysToCount, tellsApart } from '../../planning/physical/counted.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import { type Counts, metadataColumn, type Pointers } from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { StringColumn } from '../batch/column.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import type { StreamSet } from '../batch/streams.js';
import { NOTHING } from './covered-runs.js';
import type { OlderCopies } from './older-copies.js';

/**
 * Counting by the bins that were counted when the section was written: one weighted row for what a group has in a pane,
 * whatever is in it. A stream is counted so when each of its bins lies in one pane of the windows and in the range, and no
 * row may be a copy.
 */
export interface CountedBins {
  /** By stream: 1 = all its rows are in the batch. */
  readonly streams: Uint8Array;
  readonly batch: LogBatch;
}

/**
 * Which counts of a section answer a scan, if any: those that tell the keys apart that it asks for, in the fewest bins none
 * of which is cut by a window; where all are, in the narrowest, which are cut for the fewest streams.
 */
export function countsFor(scan: ScanOptions, pointers: Pointers, grid: PaneGrid): number | undefined {
  const { counted } = pointers;
  const keys = keysToCount(scan, countedSection(pointers));
  if (keys === undefined) return undefined;
  const tables = [...counted.keys()].filter((table) => tellsApart(counted[table]!, keys));
  const whole = tables.filter((table) => grid.isAlignedTo(counted[table]!.widthNs));
  if (whole.length > 0) return whole.reduce((a, b) => (counted[b]!.bins < counted[a]!.bins ? b : a));
  return tables.reduce<number | undefined>(
    (a, b) => (a === undefined || counted[b]!.widthNs < counted[a]!.widthNs ? b : a),
    undefined,
  );
}

/** What planning may know of a section. */
export function countedSection(pointers: Pick<Pointers, 'counted' | 'restKeys' | 'column'>): CountedSection {
  return {
    counted: pointers.counted,
    hasKey: (name) => pointers.restKeys.includes(name) || pointers.column(metadataColumn(name)) !== undefined,
  };
}

interface Asked {
  readonly scan: ScanOptions;
  readonly pointers: Pointers;
  readonly streams: StreamSet;
  /** By stream: 1 = its rows are asked for. */
  readonly wanted: Uint8Array;
  readonly copies: OlderCopies;
  readonly grid: PaneGrid;
}

export function countBins(asked: Asked, index: number, counts: Counts): CountedBins {
  const bins = locateBins(asked, counts);
  const streams = wholeStreams(asked, counts, bins);
  const sums = sumByPane(counts, streams, bins);
  const { keys, values } = asked.pointers.counted[index]!;
  const columnOf = (key: number): StringColumn => ({
    ids: sums.group.map((group) => counts.value[group * keys.length + key]!),
    values: values[key]!,
  });
  const source: RowSource = {
    ...NOTHING,
    messageLengths: () => sums.bytes,
    metadataKeys: () => keys,
    metadata: (name) => (keys.includes(name) ? columnOf(keys.indexOf(name)) : undefined),
  };
  const streamIds = sums.group.map((group) => counts.stream[group]!);
  const batch = new LogBatch(asked.pointers.base, sums.times, asked.streams, streamIds, source);
  batch.weights = sums.rows;
  return { streams, batch };
}

/** No window has the bin's rows, and what is in it does not count. */
const OUTSIDE = -1;
/** A window or the range has only a part of the bin. */
const CUT = -2;

interface LocatedBins {
  /** By bin number: which of the panes that follow each other has it, OUTSIDE or CUT. */
  readonly pane: Int32Array;
  /** By bin number: the last time that it may have a row at. */
  readonly last: Float64Array;
}

/** Looks at every bin of the section once, not once for each group. */
function locateBins({ scan, pointers, grid }: Asked, counts: Counts): LocatedBins {
  const { origin, widthNs } = counts;
  const from = Number(scan.range.start - pointers.base);
  const to = Number(scan.range.end - pointers.base);
  const shift = Number(pointers.base - grid.origin);
  const lastTime = pointers.pages.maxTime.reduce((max, time) => Math.max(max, time), 0);
  const count = counts.bin.reduce((max, bin) => Math.max(max, bin), -1) + 1;
  const bins = { pane: new Int32Array(count), last: new Float64Array(count) };
  let panes = 0;
  for (let bin = 0; bin < count; bin++) {
    const start = Math.max(origin + bin * widthNs + 1, 0);
    const last = Math.min(origin + (bin + 1) * widthNs, lastTime);
    if (bin === 0 || !grid.covers(start + shift, start + shift)) panes++;
    const inside = grid.locate(start + shift);
    bins.last[bin] = last;
    if (start < from || last >= to || !grid.covers(start + shift, last + shift)) bins.pane[bin] = CUT;
    else bins.pane[bin] = inside ? panes : OUTSIDE;
  }
  return bins;
}

/** Streams that are asked for and none of whose bins is cut. */
function wholeStreams(
  { pointers, wanted, copies }: Asked,
  { starts, stream, bin, widthNs }: Counts,
  { pane, last }: LocatedBins,
): Uint8Array {
  const whole = wanted.slice();
  const mayBeCut = pane.includes(CUT);
  const toCopies = Number(pointers.base - copies.base);
  const isCopied = (of: number, at: number): boolean =>
    copies.concernsAny(of, last[at]! - widthNs + toCopies, last[at]! + toCopies);
  for (let g = 0; g < stream.length; g++) {
    const of = stream[g]!;
    const mayBeCopied = copies.concernsStream(of);
    if (!mayBeCut && !mayBeCopied) continue;
    for (let b = starts[g]!; b < starts[g + 1]! && whole[of] === 1; b++) {
      if (pane[bin[b]!] === CUT || (mayBeCopied && isCopied(of, bin[b]!))) whole[of] = 0;
    }
  }
  return whole;
}

/** One row for each group and pane, at a time of the pane. */
function sumByPane(counts: Counts, whole: Uint8Array, { pane, last }: LocatedBins) {
  const { starts, stream, bin, rows, messageBytes } = counts;
  const room = bin.length;
  const [group, bytes] = [new Int32Array(room), new Int32Array(room)];
  const [times, sums] = [new Float64Array(room), new Float64Array(room)];
  let count = 0;
  for (let g = 0; g < stream.length; g++) {
    if (whole[stream[g]!] === 0) continue;
    let before = OUTSIDE;
    for (let b = starts[g]!; b < starts[g + 1]!; b++) {
      const at = pane[bin[b]!]!;
      if (at === OUTSIDE) continue;
      if (at !== before) {
        before = at;
        group[count] = g;
        times[count++] = last[bin[b]!]!;
      }
      sums[count - 1]! += rows[b]!;
      bytes[count - 1]! += messageBytes[b]!;
    }
  }
  return {
    ...{ group: group.subarray(0, count), bytes: bytes.subarray(0, count) },
    ...{ times: times.subarray(0, count), rows: sums.subarray(0, count) },
  };
}
