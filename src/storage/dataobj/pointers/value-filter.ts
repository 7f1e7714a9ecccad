/**
 * In which pages of a section may a value of a metadata column be? One table for all pages: each distinct value of each
 * page is an entry, a fingerprint and the number of the page, in a bucket that its hash names. There are as many buckets
 * as entries, so a value is looked up in one or two entries, however many pages there are, and what a section admits in
 * vain is a fingerprint that is equal by chance: 2 % of a page in a section of 300, where a filter for each page (Bloom
 * 1970) of the same size admitted 0.05 % of all pages, 15 % of one.
 *
 * How many entries a bucket has is told in unary (Elias 1974, Fano 1971; the quotients of Cleary 1984 and of Bender et
 * al. 2012): two bits an entry. Bytes are drawn in docs/format/pointers.md.
 */
import { scaleHash, secondHash } from './value-hash.js';

/** Of an entry, the two bits of its bucket left out: what sections of up to 512 pages take. */
const CODE_BITS_MIN = 14;
/** Above, an entry grows so that a fingerprint keeps 5 bits. A code is read with one 32-bit load at any bit. */
const FINGERPRINTS_MIN = 32;
const CODE_BITS_MAX = 25;
/** Buckets from one remembered position to the next. */
const SAMPLE_LOG2 = 8;
/** A load of 32 bits at the last code reaches so far. */
const PADDING_BYTES = 3;

/** What is stored beside the bytes. */
export interface ValueFilterShape {
  /** Distinct values of each page, summed over the pages. */
  readonly entries: number;
  readonly pages: number;
}

interface Layout {
  readonly samples: number;
  readonly unaryFrom: number;
  readonly codesFrom: number;
  readonly bytes: number;
  readonly codeBits: number;
  readonly fingerprints: number;
}

function layoutOf({ entries, pages }: ValueFilterShape): Layout {
  const needed = Math.ceil(Math.log2(Math.max(1, pages) * FINGERPRINTS_MIN));
  const codeBits = Math.min(CODE_BITS_MAX, Math.max(CODE_BITS_MIN, needed));
  const samples = entries >>> SAMPLE_LOG2;
  const unaryFrom = samples * 4;
  const codesFrom = unaryFrom + Math.ceil((entries * 2) / 8);
  const bytes = entries === 0 ? 0 : codesFrom + Math.ceil((entries * codeBits) / 8) + PADDING_BYTES;
  const fingerprints = Math.max(1, Math.floor(2 ** codeBits / Math.max(1, pages)));
  return { samples, unaryFrom, codesFrom, bytes, codeBits, fingerprints };
}

export function valueFilterBytes(shape: ValueFilterShape): number {
  return layoutOf(shape).bytes;
}

/** Entry i is a value with hash hashes[i] in page pageOf[i]; no two are the same. */
export function buildValueFilter(hashes: Int32Array, pageOf: Int32Array, pages: number): Uint8Array {
  const entries = hashes.length;
  const layout = layoutOf({ entries, pages });
  const bytes = new Uint8Array(layout.bytes);
  const ends = new Int32Array(entries + 1);
  for (let i = 0; i < entries; i++) ends[scaleHash(hashes[i]!, entries) + 1]!++;
  for (let b = 0; b < entries; b++) ends[b + 1]! += ends[b]!;
  writeBuckets(bytes, layout, ends);
  const next = ends.slice(0, entries);
  for (let i = 0; i < entries; i++) {
    const slot = next[scaleHash(hashes[i]!, entries)]!++;
    const code = fingerprint(hashes[i]!, layout) * pages + pageOf[i]!;
    writeCode(bytes, layout, slot, code);
  }
  return bytes;
}

/** Bucket b has entries ends[b]..ends[b+1]: a one for each, then a zero. Samples: entries before every 256th bucket but the first. */
function writeBuckets(bytes: Uint8Array, { samples, unaryFrom }: Layout, ends: Int32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let s = 0; s < samples; s++) view.setUint32(s * 4, ends[(s + 1) << SAMPLE_LOG2]!, true);
  for (let b = 0; b + 1 < ends.length; b++) {
    for (let entry = ends[b]!; entry < ends[b + 1]!; entry++) {
      const bit = entry + b;
      bytes[unaryFrom + (bit >>> 3)]! |= 1 << (bit & 7);
    }
  }
}

function writeCode(bytes: Uint8Array, { codesFrom, codeBits }: Layout, slot: number, code: number): void {
  const bit = slot * codeBits;
  const at = codesFrom + Math.floor(bit / 8);
  const shifted = code << (bit & 7);
  bytes[at]! |= shifted & 0xff;
  bytes[at + 1]! |= (shifted >>> 8) & 0xff;
  bytes[at + 2]! |= (shifted >>> 16) & 0xff;
  bytes[at + 3]! |= shifted >>> 24;
}

function readCode(bytes: Uint8Array, { codesFrom, codeBits }: Layout, slot: number): number {
  const bit = slot * codeBits;
  const at = codesFrom + Math.floor(bit / 8);
  const loaded = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return (loaded >>> (bit & 7)) & ((1 << codeBits) - 1);
}

function fingerprint(hash: number, { fingerprints }: Layout): number {
  return scaleHash(secondHash(hash), fingerprints);
}

/** Clears the bits of pages that certainly lack the value: of all that were not built in with it, but for chance. */
export function keepPagesWithValue(bytes: Uint8Array, shape: ValueFilterShape, hash: number, pages: Uint8Array): void {
  const layout = layoutOf(shape);
  const admitted = new Uint8Array(pages.length);
  const { from, to } = bucketOf(bytes, layout, scaleHash(hash, shape.entries));
  const wanted = fingerprint(hash, layout) * shape.pages;
  for (let slot = from; slot < to; slot++) {
    const page = readCode(bytes, layout, slot) - wanted;
    if (page >= 0 && page < shape.pages) admitted[page >>> 3]! |= 1 << (page & 7);
  }
  for (let i = 0; i < pages.length; i++) pages[i]! &= admitted[i]!;
}

/** Its entries: the ones between two zeros. */
function bucketOf(
  bytes: Uint8Array,
  { samples, unaryFrom, codesFrom }: Layout,
  bucket: number,
): { from: number; to: number } {
  const sample = Math.min(bucket >>> SAMPLE_LOG2, samples);
  let b = sample << SAMPLE_LOG2;
  let entry = sample === 0 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32((sample - 1) * 4, true);
  let from = entry;
  const end = (codesFrom - unaryFrom) * 8;
  for (let bit = b + entry; bit < end && b <= bucket; bit++) {
    if ((bytes[unaryFrom + (bit >>> 3)]! & (1 << (bit & 7))) !== 0) entry++;
    else if (++b === bucket) from = entry;
  }
  return { from, to: entry };
}
