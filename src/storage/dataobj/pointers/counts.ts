/**
 * Rows and bytes of a section by stream, by the value of one metadata column, and by bin of time: what dashboards count, counted
 * when the section is written. Bins are aligned to multiples of their width since the epoch, and like the windows of a
 * query they lack their start and have their end. Drawn in docs/format/pointers.md.
 */
import { CorruptObject, type Place } from '../../corrupt.js';
import { compress, decompress } from '../../zstd.js';
import { bytesOf, packFields, unpackFields } from '../fields.js';
import type { BuildSettings, Counts } from '../types.js';

const ZSTD_LEVEL = 3;

export interface CountedRows {
  readonly count: number;
  /** In the order of the section: per stream, times never go back. */
  readonly stream: Int32Array;
  /** Offsets from the section's base, in ns. */
  readonly time: Float64Array;
  readonly messageBytes: Int32Array;
  /** Number of the row's value, -1 where it has none; absent when nothing but streams is told apart. */
  readonly value?: Int32Array;
}

/**
 * Counts rows whose times are offsets from `base` (ns since the epoch). Undefined when bins would be nearly as many as
 * rows.
 */
export function countRows(
  rows: CountedRows,
  base: bigint,
  { countBinsNs, rowsPerBinMin }: Pick<BuildSettings, 'countBinsNs' | 'rowsPerBinMin'>,
): Counts | undefined {
  for (const width of countBinsNs) {
    const counts = countBins(rows, base, width, Math.floor(rows.count / rowsPerBinMin));
    if (counts) return counts;
  }
  return undefined;
}

function countBins(rows: CountedRows, base: bigint, width: number, binsMax: number): Counts | undefined {
  const origin = -Number(mod(base - 1n, BigInt(width))) - 1; // the start of the bin that `base` is in
  const groups = new Groups();
  const group: number[] = [];
  const bin: number[] = [];
  const counted: number[] = [];
  const bytes: number[] = [];
  for (let i = 0; i < rows.count; i++) {
    const of = groups.id(rows.stream[i]!, rows.value ? rows.value[i]! : -1);
    const at = binOf(rows.time[i]! - origin, width);
    let entry = groups.last[of]!;
    if (entry < 0 || bin[entry] !== at) {
      if (bin.length === binsMax) return undefined;
      entry = bin.push(at) - 1;
      group.push(of);
      counted.push(0);
      bytes.push(0);
      groups.last[of] = entry;
    }
    counted[entry]! += 1;
    bytes[entry]! += rows.messageBytes[i]!;
  }
  return sorted({ group, bin, counted, bytes }, groups, width, origin);
}

/** Exact: the quotient of two doubles may round across an integer, so it is corrected. */
function binOf(offset: number, width: number): number {
  const bin = Math.ceil(offset / width) - 1;
  return bin * width >= offset ? bin - 1 : bin;
}

/** Numbers pairs of stream and value, and knows the last bin of each. */
class Groups {
  readonly stream: number[] = [];
  readonly value: number[] = [];
  readonly last: number[] = [];
  readonly #ids = new Map<number, number>();
  #lastKey = -1;
  #lastId = -1;

  id(stream: number, value: number): number {
    const key = stream * GROUP_VALUES + value + 1;
    if (key === this.#lastKey) return this.#lastId;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.stream.push(stream) - 1;
      this.value.push(value);
      this.last.push(-1);
      this.#ids.set(key, id);
    }
    this.#lastKey = key;
    this.#lastId = id;
    return id;
  }
}

/** More than a counted column may have. */
const GROUP_VALUES = 1 << 10;

interface Entries {
  readonly group: readonly number[];
  readonly bin: readonly number[];
  readonly counted: readonly number[];
  readonly bytes: readonly number[];
}

/** A counting sort by group, which keeps each group's bins in order. */
function sorted({ group, bin, counted, bytes }: Entries, groups: Groups, widthNs: number, origin: number): Counts {
  const starts = new Int32Array(groups.stream.length + 1);
  for (const of of group) starts[of + 1]! += 1;
  for (let g = 0; g < groups.stream.length; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice();
  const counts: Counts = {
    ...{ widthNs, origin, starts },
    stream: Int32Array.from(groups.stream),
    value: Int32Array.from(groups.value),
    bin: new Int32Array(bin.length),
    rows: new Int32Array(bin.length),
    messageBytes: new Int32Array(bin.length),
  };
  for (let i = 0; i < bin.length; i++) {
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
export function decodeCounts(bytes: Uint8Array, rawBytes: number, values: number, place: Place): Counts {
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
  const value = fields.int32s('values', groups);
  if (value.some((id) => id < -1 || id >= values)) throw new CorruptObject('counts of an unknown value');
  return {
    widthNs: fields.count('widthNs'),
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
