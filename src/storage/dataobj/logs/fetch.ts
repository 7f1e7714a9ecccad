/** Byte ranges of an object, read with few requests. */
import type { RangeReader } from '../types.js';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Reading this much too much is cheaper than another request to an object store. */
const GAP_BYTES = 64 << 10;
/** Larger reads gain nothing, and several of them run at once. */
const READ_BYTES_MAX = 8 << 20;

/** The ranges' bytes, in the order given. Ranges may not overlap. */
export async function readRanges(reader: RangeReader, ranges: readonly ByteRange[]): Promise<Uint8Array[]> {
  // An empty range comes before the one that begins where it lies, or a read would end before its predecessor.
  const order = ranges
    .map((_, i) => i)
    .sort((a, b) => ranges[a]!.offset - ranges[b]!.offset || ranges[a]!.length - ranges[b]!.length);
  const reads = coalesce(
    order.map((i) => ranges[i]!),
    reader.gapBytes,
  );
  const chunks = await Promise.all(reads.map((read) => reader.read(read.offset, read.length)));
  const out: Uint8Array[] = new Array(ranges.length);
  let r = 0;
  for (const i of order) {
    const { offset, length } = ranges[i]!;
    while (offset + length > reads[r]!.offset + reads[r]!.length) r++;
    const at = offset - reads[r]!.offset;
    out[i] = chunks[r]!.subarray(at, at + length);
  }
  return out;
}

/** Joins ranges, sorted by offset, that lie near each other. */
export function coalesce(sorted: readonly ByteRange[], gapBytes = GAP_BYTES): ByteRange[] {
  const reads: ByteRange[] = [];
  for (const range of sorted) {
    const last = reads.at(-1);
    const end = range.offset + range.length;
    const near = last !== undefined && range.offset - (last.offset + last.length) <= gapBytes;
    if (near && end - last.offset <= READ_BYTES_MAX)
      reads[reads.length - 1] = { offset: last.offset, length: end - last.offset };
    else reads.push(range);
  }
  return reads;
}
