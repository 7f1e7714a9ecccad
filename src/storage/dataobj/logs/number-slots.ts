/**
 * Which numbers of a line have a column of their own: the first few that are values by themselves, as `204` in
 * `"status":204`, `7375` in `503 7375 "-"` or `35` in `took=35ms`, and not parts of times, addresses or names. The shape of a line alone tells
 * where they are, so that who writes columns and who reads them agree without a word about it.
 */
import { DIGITS_MARK, HEX_MARK } from './shape.js';

/** The n-th number of a line goes to the n-th column; there are no more. */
export const NUMBER_COLUMNS = 4;
/** Numbers with more digits, or with zeros before them, are in no column: they would not be read back as they were. */
export const NUMBER_DIGITS_MAX = 15;

const QUOTE = 0x22;
const COLON = 0x3a;
const BEFORE: ReadonlySet<number> = new Set(Buffer.from(' ="'));
const BEHIND: ReadonlySet<number> = new Set(Buffer.from(' ",;)]}'));

/** Writes the places of these numbers in the shape bytes[start..end), counted from its start, to `out`; returns how many. */
export function numberSlots(bytes: Uint8Array, start: number, end: number, out: Int32Array): number {
  let count = 0;
  for (let at = start; at < end && count < NUMBER_COLUMNS; at++) {
    if (bytes[at] === DIGITS_MARK && mayBegin(bytes, start, at) && mayEnd(bytes, at + 1, end))
      out[count++] = at - start;
  }
  return count;
}

function mayBegin(bytes: Uint8Array, start: number, at: number): boolean {
  if (at === start) return false;
  const before = bytes[at - 1]!;
  return BEFORE.has(before) || (before === COLON && at - 1 > start && bytes[at - 2] === QUOTE);
}

/** Behind a unit, if there is one. */
function mayEnd(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end && isLetter(bytes[at]!)) at++;
  return at === end || BEHIND.has(bytes[at]!);
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

export function isMark(byte: number): boolean {
  return byte === DIGITS_MARK || byte === HEX_MARK;
}
