import { type CountedSection, keysToCount, namesAsked, tellsApart } from '../../planning/physical/counted.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import { type JoinedIds, joinIds } from '../../storage/dataobj/pointers/joined-ids.js';
import { type Counts, metadataColumn, type Pointers } from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { StringColumn } from '../batch/column.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import type { StreamSet } from '../batch/streams.js';
import { NOTHING } from './covered-runs.js';
import type { OlderCopies } from './older-copies.js';

/**
 * Counting by the bins that were counted when the section was written: one weighted row for what groups have in a pane,
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
  const { keys, values } = asked.pointers.counted[index]!;
  const sums = sumByPane(counts, streams, bins, groupsAlike(asked, keys, counts));
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

/** Numbers groups that are the same for all that the scan is asked for, so that one row can stand for them. */
function groupsAlike({ scan, streams }: Asked, keys: readonly string[], { stream, value }: Counts): JoinedIds {
  const groups = stream.length;
  const columns = [...namesAsked(scan)].flatMap((name) => {
    const key = keys.indexOf(name);
    const label = streams.column(name);
    return [
      ...(key < 0 ? [] : [stream.map((_, group) => value[group * keys.length + key]!)]),
      ...(label ? [stream.map((of) => label.ids[of]!)] : []),
    ].map((ids) => ({ ids, values: ids.reduce((max, id) => (id > max ? id : max), -1) + 1 }));
  });
  return joinIds(columns, groups) ?? { ids: stream.map((_, group) => group), tuples: new Array(groups) };
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
  readonly panes: number;
}

/** Looks at every bin of the section once, not once for each group. */
function locateBins({ scan, pointers, grid }: Asked, counts: Counts): LocatedBins {
  const { origin, widthNs } = counts;
  const from = Number(scan.range.start - pointers.base);
  const to = Number(scan.range.end - pointers.base);
  const shift = Number(pointers.base - grid.origin);
  const lastTime = latest(pointers.pages.maxTime);
  const count = binsOf(counts);
  const bins = { pane: new Int32Array(count), last: new Float64Array(count) };
  let panes = 0;
  for (let bin = 0; bin < count; bin++) {
    const start = Math.max(origin + bin * widthNs + 1, 0);
    const last = Math.min(origin + (bin + 1) * widthNs, lastTime);
    if (bin > 0 && !grid.covers(start + shift, start + shift)) panes++;
    const inside = grid.locate(start + shift);
    bins.last[bin] = last;
    if (start < from || last >= to || !grid.covers(start + shift, last + shift)) bins.pane[bin] = CUT;
    else bins.pane[bin] = inside ? panes : OUTSIDE;
  }
  return { ...bins, panes: panes + 1 };
}

function latest(times: Float64Array): number {
  let max = 0;
  for (let i = 0; i < times.length; i++) if (times[i]! > max) max = times[i]!;
  return max;
}

/** One more than the largest bin number; bins ascend within a group. */
function binsOf({ starts, bin }: Counts): number {
  let max = -1;
  for (let g = 1; g < starts.length; g++) if (starts[g]! > starts[g - 1]!) max = Math.max(max, bin[starts[g]! - 1]!);
  return max + 1;
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

/** One row for what is alike and each pane, with a group and a time that are like all of them. */
function sumByPane(
  { starts, stream, bin, rows, messageBytes }: Counts,
  whole: Uint8Array,
  { pane, last, panes }: LocatedBins,
  { ids, tuples }: JoinedIds,
) {
  const rowOf = new Int32Array(tuples.length * panes).fill(-1);
  const room = Math.min(bin.length, rowOf.length);
  const [group, bytes] = [new Int32Array(room), new Int32Array(room)];
  const [times, sums] = [new Float64Array(room), new Float64Array(room)];
  let count = 0;
  for (let g = 0; g < stream.length; g++) {
    if (whole[stream[g]!] === 0) continue;
    const first = ids[g]! * panes;
    for (let b = starts[g]!; b < starts[g + 1]!; b++) {
      const at = pane[bin[b]!]!;
      if (at === OUTSIDE) continue;
      let row = rowOf[first + at]!;
      if (row < 0) {
        row = count++;
        rowOf[first + at] = row;
        group[row] = g;
        times[row] = last[bin[b]!]!;
      }
      sums[row]! += rows[b]!;
      bytes[row]! += messageBytes[b]!;
    }
  }
  return {
    ...{ group: group.subarray(0, count), bytes: bytes.subarray(0, count) },
    ...{ times: times.subarray(0, count), rows: sums.subarray(0, count) },
  };
}
