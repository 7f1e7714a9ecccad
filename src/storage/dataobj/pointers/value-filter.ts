/**
 * Bloom filters (Bloom 1970) over the distinct values of one page: 16 bits a value and 11 probes, so about 0.05 % false
 * positives, and as small as two bytes for a page with one value. An id is asked of thousands of pages at once, and each
 * false positive is a page that is read. Every probe is a hash of the one before: with double hashing (Kirsch and
 * Mitzenmacher 2006) the probes of one id in a thousand fall so close together that a tenth of all pages would admit it.
 */
const BITS_PER_VALUE = 16;
export const VALUE_PROBES = 11;

/** Murmur3's 32-bit hash of bytes[from..to-1], a byte at a time. */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  let hash = seed ^ 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= to - from;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

export function hashText(text: string, seed = 0): number {
  const bytes = Buffer.from(text, 'utf8');
  return hashBytes(bytes, 0, bytes.length, seed);
}

export function valueFilterBytes(values: number): number {
  return Math.ceil((values * BITS_PER_VALUE) / 8);
}

/** Sets a value's bits in filters[from..from+size-1]. */
export function addValue(filters: Uint8Array, from: number, size: number, hash: number): void {
  let at = hash;
  for (let i = 0; i < VALUE_PROBES; i++, at = nextProbe(at)) {
    const bit = scale(at, size);
    const byte = from + (bit >>> 3);
    filters[byte] = filters[byte]! | (1 << (bit & 7));
  }
}

/** False only when the value was never added, with so many probes or more. An empty filter has no values. */
export function mayHaveValue(filters: Uint8Array, from: number, size: number, hash: number, probes: number): boolean {
  if (size === 0) return false;
  let at = hash;
  for (let i = 0; i < probes; i++, at = nextProbe(at)) {
    const bit = scale(at, size);
    if ((filters[from + (bit >>> 3)]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** The same of the filters that objects had at first: 7 probes by double hashing. */
export function mayHaveValueOfOld(filters: Uint8Array, from: number, size: number, hash: number): boolean {
  if (size === 0) return false;
  const step = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 1;
  for (let i = 0, at = hash; i < 7; i++, at = (at + step) | 0) {
    const bit = scale(at, size);
    if ((filters[from + (bit >>> 3)]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** Different for different hashes. */
function nextProbe(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) + 0x9e3779b9) | 0;
}

/** A 32-bit hash scaled to 0..size*8-1 (Lemire's multiply-shift, in floating point). */
function scale(hash: number, size: number): number {
  return Math.floor(((hash >>> 0) * (size * 8)) / 4294967296);
}
