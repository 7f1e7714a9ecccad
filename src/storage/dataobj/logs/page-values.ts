/** What unpacked pages hold: texts, numbers and indices of rows that may have none. */
import { CorruptObject } from '../../corrupt.js';
import { decodeDelta } from '../parquet/delta.js';
import { decodeHybrid } from '../parquet/hybrid.js';
import { decodeHybridAt, decodeHybridStretch, decodeRanksAt } from '../parquet/hybrid-at.js';
import type { PageBody } from '../parquet/page.js';
import { decodeTexts } from '../parquet/text.js';
import { cursor } from '../parquet/varint.js';
import type { OptionalTextPage, ValuesPage } from '../types.js';
import { NUMBER_DIGITS_MAX } from './number-slots.js';

const NUMBERS_END = 10 ** NUMBER_DIGITS_MAX;

export function optionalTexts({ levels, payload }: PageBody, rows: number): OptionalTextPage {
  const ranks = new Int32Array(rows);
  const present = decodeLevels(levels, rows, ranks);
  return { ranks, ...decodeTexts(payload, 0, present) };
}

/** Only texts of the given rows become strings. */
export function textValues({ ranks, offsets, bytes }: OptionalTextPage, rows?: Int32Array): ValuesPage {
  const values: string[] = [];
  if (rows === undefined || rows.length * 2 > ranks.length) {
    for (let i = 0; i + 1 < offsets.length; i++) values.push(bytes.utf8Slice(offsets[i]!, offsets[i + 1]!));
    return { ids: ranks, values };
  }
  const ids = new Int32Array(ranks.length).fill(-1);
  for (const row of rows) {
    const rank = ranks[row]!;
    if (rank >= 0) ids[row] = values.push(bytes.utf8Slice(offsets[rank]!, offsets[rank + 1]!)) - 1;
  }
  return { ids, values };
}

export function textsAt({ ranks, offsets, bytes }: OptionalTextPage, rows: Int32Array): ValuesPage {
  const values: string[] = [];
  const ids = rows.map((row) => {
    const rank = ranks[row]!;
    return rank < 0 ? -1 : values.push(bytes.utf8Slice(offsets[rank]!, offsets[rank + 1]!)) - 1;
  });
  return { ids, values };
}

/** Ranks of the present rows among each other, -1 for absent rows, to the array that is given. Returns how many are present. */
function decodeLevels(levels: Uint8Array, rows: number, ranks: Int32Array): number {
  decodeHybrid(cursor(levels), 1, rows, 2, ranks);
  let present = 0;
  for (let i = 0; i < rows; i++) ranks[i] = ranks[i] === 0 ? -1 : present++;
  return present;
}

/** Ranks that nobody keeps. Memory outside of the heap is cheap to have and dear to leave to the collector, page by page. */
let scratch = new Int32Array(4096);

export function scratchOf(rows: number): Int32Array {
  if (scratch.length < rows) scratch = new Int32Array(rows * 2);
  return scratch;
}

/** The same for decimals. */
let floats = new Float64Array(4096);

export function floatsOf(rows: number): Float64Array {
  if (floats.length < rows) floats = new Float64Array(rows * 2);
  return floats;
}

/** Numbers of rows, which nobody keeps. */
let positions = new Int32Array(0);

function rowsOf(first: number, last: number): Int32Array {
  if (positions.length < last - first) positions = new Int32Array(2 * (last - first));
  const rows = positions.subarray(0, last - first);
  for (let i = 0; i < rows.length; i++) rows[i] = first + i;
  return rows;
}

/** Which of the present values of a page rows first..last-1 have. */
interface PresentValues {
  /** By row: which one, -1 where it has none. */
  readonly ranks: Int32Array;
  /** Those of the rows are from..to-1. */
  readonly from: number;
  readonly to: number;
  /** On the whole page. */
  readonly count: number;
}

function presentValues(
  levels: Uint8Array,
  rows: number,
  first: number,
  last: number,
  ranks: Int32Array,
): PresentValues {
  if (last - first === rows) {
    const all = decodeLevels(levels, rows, ranks);
    return { ranks, from: 0, to: all, count: all };
  }
  const count = decodeRanksAt(cursor(levels), rows, rowsOf(first, last), ranks);
  let [from, to] = [-1, 0];
  for (let i = 0; i < last - first; i++) {
    if (ranks[i]! < 0) continue;
    if (from < 0) from = ranks[i]!;
    to = ranks[i]! + 1;
  }
  return { ranks, from: Math.max(0, from), to, count };
}

/** Of rows first..last-1, NaN for absent ones. */
export function decodeNumbers({ levels, payload }: PageBody, rows: number, first: number, last: number): Float64Array {
  const { ranks, from, to, count } = presentValues(levels, rows, first, last, scratchOf(last - first));
  const values = floatsOf(to);
  decodeDelta(cursor(payload), count, 0n, values, to);
  for (let i = from; i < to; i++) {
    if (!(values[i]! >= 0 && values[i]! < NUMBERS_END)) throw new CorruptObject('a number that no line has');
  }
  if (to - from === last - first) return values.slice(from, to);
  const numbers = new Float64Array(last - first);
  for (let i = 0; i < numbers.length; i++) numbers[i] = ranks[i]! < 0 ? Number.NaN : values[ranks[i]!]!;
  return numbers;
}

/** Dictionary indices of rows first..last-1, -1 for absent rows. */
export function decodeIndices(
  { levels, payload }: PageBody,
  rows: number,
  values: number,
  first = 0,
  last = rows,
): Int32Array {
  const ids = new Int32Array(last - first);
  const { from, to, count } = presentValues(levels, rows, first, last, ids);
  if (from === to) return ids;
  if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
  const indices = to - from === ids.length ? ids : scratchOf(to - from);
  if (to - from === count) decodeHybrid(cursor(payload, 1), payload[0]!, count, values, indices);
  else decodeHybridStretch(cursor(payload, 1), payload[0]!, count, values, from, to, indices);
  if (indices !== ids) for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) ids[i] = indices[ids[i]! - from]!;
  return ids;
}

/** The same of some rows alone. */
export function indicesAt({ levels, payload }: PageBody, count: number, values: number, rows: Int32Array): Int32Array {
  const ids = new Int32Array(rows.length);
  const present = decodeRanksAt(cursor(levels), count, rows, ids);
  const room = scratchOf(ids.length);
  let wanted = 0;
  for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) room[wanted++] = ids[i]!;
  if (wanted === 0) return ids;
  if (payload.length === 0) throw new CorruptObject('a page of indices without a width');
  // Each position is read before its value is written.
  const indices = room.subarray(0, wanted);
  decodeHybridAt(cursor(payload, 1), payload[0]!, present, values, indices, indices);
  for (let i = 0, next = 0; i < ids.length; i++) if (ids[i]! >= 0) ids[i] = indices[next++]!;
  return ids;
}

/** Without a prototype, so that a key named like a method is only there when it was stored. */
export function parseObject(json: string): Readonly<Record<string, string>> {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null) throw new CorruptObject('rare metadata is not an object');
  const object: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(parsed)) object[key] = String(value);
  return object;
}
