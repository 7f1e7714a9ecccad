/** Encodes a metadata column: definition levels, then dictionary indices or texts; and the filter of its values. */
import { ByteSink } from '../byte-sink.js';
import { bitWidth, encodeHybrid, hybridBytesMax, putRun } from '../parquet/hybrid.js';
import { encodeLengths, encodePlain, lengthsBytesMax } from '../parquet/text.js';
import { buildValueFilter, type ValueFilterShape } from '../pointers/value-filter.js';
import type { ColumnEncoding } from '../types.js';
import { ColumnWriter, type WrittenColumn } from './column-writer.js';
import type { ValueColumn } from './value-column.js';

/** Encodes the column over pages that have section rows starts[p]..starts[p+1]. */
export function encodeValues(column: ValueColumn, starts: Int32Array, zstdLevel: number): WrittenColumn {
  const encoding: ColumnEncoding = column.dictionary ? 'dictionary' : 'delta-length';
  const writer = new ColumnWriter(column.name, 'text', encoding, zstdLevel);
  if (column.dictionary) writer.dictionary(column.texts, encodePlain(column.offsets, column.texts, column.bytes));
  const width = bitWidth(column.texts - 1);
  const levels = new ByteSink();
  const payload = new ByteSink();
  let first = 0;
  for (let p = 0; p + 1 < starts.length; p++) {
    const rows = starts[p + 1]! - starts[p]!;
    let last = first;
    while (last < column.count && column.rows[last]! < starts[p + 1]!) last++;
    encodeLevels(column.rows, first, last, starts[p]!, rows, levels);
    if (column.dictionary) encodeIndices(column.ids, first, last, width, payload);
    else encodeTexts(column, first, last, payload);
    writer.optionalPage(rows, rows - (last - first), levels.view(), payload.view());
    first = last;
  }
  return writer.finish();
}

/** Level 1 where a row has a value, present[first..last-1], 0 where it has none. */
export function encodeLevels(
  present: Int32Array,
  first: number,
  last: number,
  firstRow: number,
  rows: number,
  out: ByteSink,
): void {
  out.clear();
  const bytes = out.reserve(hybridBytesMax(rows, 1));
  if (last === first || last - first === rows) {
    out.advance(putRun(rows, last === first ? 0 : 1, 1, bytes, 0));
    return;
  }
  const flags = new Int32Array(rows);
  for (let i = first; i < last; i++) flags[present[i]! - firstRow] = 1;
  out.advance(encodeHybrid(flags, 0, rows, 1, bytes, 0));
}

function encodeIndices(ids: Int32Array, first: number, last: number, width: number, out: ByteSink): void {
  out.clear();
  const bytes = out.reserve(1 + hybridBytesMax(last - first, width));
  bytes[0] = width;
  out.advance(encodeHybrid(ids, first, last, width, bytes, 1));
}

function encodeTexts(column: ValueColumn, first: number, last: number, out: ByteSink): void {
  out.clear();
  const bytes = out.reserve(lengthsBytesMax(last - first));
  out.advance(encodeLengths(column.offsets, first, last, bytes, 0));
  out.append(column.bytes.subarray(column.offsets[first]!, column.offsets[last]!));
}

export interface ValueFilter extends ValueFilterShape {
  readonly bytes: Uint8Array;
}

/** In which pages each value of the column is. */
export function valueFilter(column: ValueColumn, starts: Int32Array): ValueFilter {
  return filterOf(column.rows.subarray(0, column.count), column.ids, column.hashes, column.texts, starts);
}

/** The same over hashes of (key, value), for keys without a column. */
export function restFilter(rows: readonly number[], hashes: readonly number[], starts: Int32Array): ValueFilter {
  const numbers = new Map<number, number>();
  for (const hash of hashes) if (!numbers.has(hash)) numbers.set(hash, numbers.size);
  const ids = Int32Array.from(hashes, (hash) => numbers.get(hash)!);
  return filterOf(Int32Array.from(rows), ids, Int32Array.from(numbers.keys()), numbers.size, starts);
}

/** Sorts numbers, and brings one of each to the front: how many. Columns without a dictionary have equal texts again and again. */
function uniqueFirst(numbers: Int32Array): number {
  numbers.sort();
  let kept = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (kept === 0 || numbers[i] !== numbers[kept - 1]) numbers[kept++] = numbers[i]!;
  }
  return kept;
}

/** Entries of the filter that is made; used again, since fifty columns would leave twenty megabytes of them. */
let distinct = new Int32Array(0);
let pageOf = new Int32Array(0);

/** Value i is text ids[i], which has hash hashes[ids[i]], and belongs to section row rows[i]. */
function filterOf(
  rows: Int32Array,
  ids: Int32Array,
  hashes: Int32Array,
  texts: number,
  starts: Int32Array,
): ValueFilter {
  const pages = starts.length - 1;
  const seenIn = new Int32Array(texts).fill(-1);
  if (rows.length > distinct.length) {
    distinct = new Int32Array(rows.length);
    pageOf = new Int32Array(rows.length);
  }
  let entries = 0;
  let i = 0;
  for (let p = 0; p < pages; p++) {
    const first = entries;
    for (; i < rows.length && rows[i]! < starts[p + 1]!; i++) {
      const id = ids[i]!;
      if (seenIn[id] === p) continue;
      seenIn[id] = p;
      distinct[entries++] = hashes[id]!;
    }
    entries = first + uniqueFirst(distinct.subarray(first, entries));
    pageOf.fill(p, first, entries);
  }
  const bytes = buildValueFilter(distinct.subarray(0, entries), pageOf, pages);
  return { bytes, entries, pages };
}
