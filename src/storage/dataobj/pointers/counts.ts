/**
 * Rows and bytes of a section by stream, by the values of some metadata columns, and by bin of time: what dashboards count,
 * counted when the section is written. Bins are aligned to multiples of their width since the epoch, and like the windows of a
 * query they lack their start and have their end. Drawn in docs/format/pointers.md.
 */
import { getOrCreate } from '../../../wire/get-or-create.js';
import { CorruptObject, type Place } from '../../corrupt.js';
import { compress, decompress } from '../../zstd.js';
import { bytesOf, packFields, unpackFields } from '../fields.js';
import type { BuildSettings, Counted, Counts } from '../types.js';
import { JOINED_MAX, type JoinedIds } from './joined-ids.js';

const ZSTD_LEVEL = 3;

/** The rows of a section in its order, and the bin of each. */
export class CountedRows {
  readonly count: number;
  /** Per stream, times never go back. */
  readonly stream: Int32Array;
  readonly messageBytes: Int32Array;
  readonly base: bigint;
  readonly #time: Float64Array;
  readonly #bins = new Map<number, RowBins>();

  /** Times are offsets from `base` (ns since the epoch), in ns. */
  constructor(stream: Int32Array, time: Float64Array, messageBytes: Int32Array, base: bigint) {
    this.count = stream.length;
    this.stream = stream;
    this.messageBytes = messageBytes;
    this.#time = time;
    this.base = base;
  }

  bins(width: number): RowBins {
    return getOrCreate(this.#bins, width, () => this.#locate(width));
  }

  #locate(width: number): RowBins {
    const origin = originOf(this.base, width);
    const bin = new Int32Array(this.count);
    let at = 0;
    let start = Number.POSITIVE_INFINITY;
    let end = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.count; i++) {
      const offset = this.#time[i]! - origin;
      if (offset <= start || offset > end) {
        at = binOf(offset, width);
        start = at * width;
        end = start + width;
      }
      bin[i] = at;
    }
    return { width, origin, bin };
  }
}

interface RowBins {
  readonly width: number;
  readonly origin: number;
  /** Of each row. */
  readonly bin: Int32Array;
}

/** The start of the bin that `base` is in, as an offset from it. */
function originOf(base: bigint, width: number): number {
  return -Number(mod(base - 1n, BigInt(width))) - 1;
}

/** A table of wider bins is kept too while it has at most this share of the bins of the one before. */
const WIDER_SHARE = 1 / 4;

/**
 * Counts rows by stream, and by joined values where there are any: in the narrowest bins that pay and then in wider ones,
 * for questions with a coarser step. Nothing when bins would be nearly as many as rows.
 */
export function countRows(
  rows: CountedRows,
  joined: JoinedIds | undefined,
  { countBinsNs, rowsPerBinMin }: Pick<BuildSettings, 'countBinsNs' | 'rowsPerBinMin'>,
): Counts[] {
  const tables: Counts[] = [];
  for (const width of countBinsNs) {
    const last = tables.at(-1);
    if (last === undefined) {
      const counts = countBins(rows, joined, rows.bins(width), Math.floor(rows.count / rowsPerBinMin));
      if (counts) tables.push(counts);
    } else if (width % last.widthNs === 0) {
      const wider = widened(last, rows.base, width);
      if (wider.bin.length <= last.bin.length * WIDER_SHARE) tables.push(wider);
    }
  }
  return tables;
}

/** The same counts in bins of a multiple of the width. */
function widened(counts: Counts, base: bigint, width: number): Counts {
  const origin = originOf(base, width);
  const { starts: from, stream } = counts;
  const starts = new Int32Array(from.length);
  const bin = new Int32Array(counts.bin.length);
  const rows = new Int32Array(bin.length);
  const messageBytes = new Int32Array(bin.length);
  let size = 0;
  for (let g = 0; g < stream.length; g++) {
    for (let i = from[g]!; i < from[g + 1]!; i++) {
      const wide = Math.floor((counts.origin - origin + counts.bin[i]! * counts.widthNs) / width);
      if (size === starts[g] || bin[size - 1] !== wide) bin[size++] = wide;
      rows[size - 1]! += counts.rows[i]!;
      messageBytes[size - 1]! += counts.messageBytes[i]!;
    }
    starts[g + 1] = size;
  }
  return {
    widthNs: width,
    origin,
    stream,
    value: counts.value,
    starts,
    bin: bin.slice(0, size),
    rows: rows.slice(0, size),
    messageBytes: messageBytes.slice(0, size),
  };
}

function countBins(
  { count, stream, messageBytes }: CountedRows,
  joined: JoinedIds | undefined,
  bins: RowBins,
  binsMax: number,
): Counts | undefined {
  groups.clear();
  entries.clear(binsMax);
  const { last } = groups;
  const { bin } = bins;
  const ids = joined?.ids;
  for (let i = 0; i < count; i++) {
    const of = groups.id(stream[i]!, ids ? ids[i]! : 0);
    let entry = last[of]!;
    if (entry < 0 || entries.bin[entry] !== bin[i]) {
      if (entries.size === binsMax) return undefined;
      entry = entries.size++;
      entries.bin[entry] = bin[i]!;
      entries.group[entry] = of;
      last[of] = entry;
    }
    entries.counted[entry]!++;
    entries.bytes[entry]! += messageBytes[i]!;
  }
  return sorted(entries, groups, bins, joined);
}

/** Exact: the quotient of two doubles may round across an integer, so it is corrected. */
function binOf(offset: number, width: number): number {
  const bin = Math.ceil(offset / width) - 1;
  return bin * width >= offset ? bin - 1 : bin;
}

/** Numbers pairs of stream and joined values, and knows the last bin of each. */
class Groups {
  stream: number[] = [];
  value: number[] = [];
  last: number[] = [];
  readonly #ids = new Map<number, number>();
  /** Of the stream met last: ids by value, or -1. */
  readonly #ofStream = new Int32Array(JOINED_MAX).fill(-1);
  #lastStream = -1;
  #valuesEnd = 0;

  clear(): void {
    this.stream = [];
    this.value = [];
    this.last = [];
    this.#ids.clear();
    this.#ofStream.fill(-1, 0, this.#valuesEnd);
    this.#lastStream = -1;
    this.#valuesEnd = 0;
  }

  id(stream: number, value: number): number {
    if (stream !== this.#lastStream) {
      this.#ofStream.fill(-1, 0, this.#valuesEnd);
      this.#lastStream = stream;
      this.#valuesEnd = 0;
    }
    const known = this.#ofStream[value]!;
    return known >= 0 ? known : this.#find(stream, value);
  }

  #find(stream: number, value: number): number {
    const key = stream * JOINED_MAX + value;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.stream.push(stream) - 1;
      this.value.push(value);
      this.last.push(-1);
      this.#ids.set(key, id);
    }
    this.#ofStream[value] = id;
    this.#valuesEnd = Math.max(this.#valuesEnd, value + 1);
    return id;
  }
}

class Entries {
  size = 0;
  group = new Int32Array(0);
  bin = new Int32Array(0);
  counted = new Int32Array(0);
  bytes = new Int32Array(0);

  /** With room for so many. */
  clear(most: number): void {
    if (this.group.length < most) {
      this.group = new Int32Array(most);
      this.bin = new Int32Array(most);
      this.counted = new Int32Array(most);
      this.bytes = new Int32Array(most);
    } else {
      this.counted.fill(0, 0, this.size);
      this.bytes.fill(0, 0, this.size);
    }
    this.size = 0;
  }
}

/** What a section's rows are counted in, one way after the other. */
const groups = new Groups();
const entries = new Entries();

/** A counting sort by group, which keeps each group's bins in order. */
function sorted(
  { size, group, bin, counted, bytes }: Entries,
  groups: Groups,
  { width, origin }: RowBins,
  joined: JoinedIds | undefined,
): Counts {
  const starts = new Int32Array(groups.stream.length + 1);
  for (let i = 0; i < size; i++) starts[group[i]! + 1]! += 1;
  for (let g = 0; g < groups.stream.length; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice();
  const counts: Counts = {
    widthNs: width,
    origin,
    stream: Int32Array.from(groups.stream),
    value: Int32Array.from(groups.value.flatMap((tuple) => joined?.tuples[tuple] ?? [])),
    starts,
    bin: new Int32Array(size),
    rows: new Int32Array(size),
    messageBytes: new Int32Array(size),
  };
  for (let i = 0; i < size; i++) {
    const to = next[group[i]!]!++;
    counts.bin[to] = bin[i]!;
    counts.rows[to] = counted[i]!;
    counts.messageBytes[to] = bytes[i]!;
  }
  return counts;
}

export interface EncodedCounts {
  readonly bytes: Uint8Array;
  readonly rawBytes: number;
}

/** Bins as differences within their group, which are small and repeat. */
export function encodeCounts(counts: Counts): EncodedCounts {
  const { starts, bin } = counts;
  const steps = bin.slice();
  for (let g = 0; g + 1 < starts.length; g++) {
    for (let i = starts[g + 1]! - 1; i > starts[g]!; i--) steps[i]! -= steps[i - 1]!;
  }
  const raw = packFields({
    widthNs: counts.widthNs,
    origin: -counts.origin,
    groups: counts.stream.length,
    bins: bin.length,
    streams: bytesOf(counts.stream),
    values: bytesOf(counts.value),
    starts: bytesOf(starts),
    steps: bytesOf(steps),
    rows: bytesOf(counts.rows),
    messageBytes: bytesOf(counts.messageBytes),
  });
  return { bytes: compress(raw, ZSTD_LEVEL), rawBytes: raw.length };
}

/** Throws CorruptObject. */
export function decodeCounts(bytes: Uint8Array, rawBytes: number, { values, ...part }: Counted, place: Place): Counts {
  const fields = unpackFields(decompress(bytes, rawBytes), place);
  const groups = fields.count('groups', 0x7fffffff);
  const bins = fields.count('bins', 0x7fffffff);
  const starts = fields.int32s('starts', groups + 1, bins);
  const bin = fields.int32s('steps', bins, 0x7fffffff);
  if (starts[0] !== 0 || starts[groups] !== bins) throw new CorruptObject('counts of no group');
  for (let g = 0; g < groups; g++) {
    if (starts[g + 1]! < starts[g]!) throw new CorruptObject('groups of counts out of order');
    for (let i = starts[g]! + 1; i < starts[g + 1]!; i++) bin[i]! += bin[i - 1]!;
  }
  if (bins !== part.bins || fields.count('widthNs') !== part.widthNs)
    throw new CorruptObject('counts of another table');
  const value = fields.int32s('values', groups * values.length);
  if (value.some((id, i) => id < -1 || id >= values[i % values.length]!.length))
    throw new CorruptObject('counts of an unknown value');
  return {
    widthNs: part.widthNs,
    origin: -fields.count('origin'),
    stream: fields.int32s('streams', groups, 0x7fffffff),
    value,
    starts,
    bin,
    rows: fields.int32s('rows', bins, 0x7fffffff),
    messageBytes: fields.int32s('messageBytes', bins, 0x7fffffff),
  };
}

function mod(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}
