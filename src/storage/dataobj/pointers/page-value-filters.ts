/**
 * What objects had before a section's pages shared one filter of values: a Bloom filter for each page (Bloom 1970). They
 * are still read. Nothing writes them.
 */
import { scaleHash, secondHash } from './value-hash.js';

export interface PageValueFilters {
  /** Filters one after another: page p's has sizes[p] bytes. */
  readonly sizes: Int32Array;
  /** Undefined in filters of the first kind, which do not say. */
  readonly probes: number | undefined;
}

const PROBES_OF_FIRST_KIND = 7;

/** False only when the value was never added. An empty filter has no values. */
export function mayHaveValue(
  filters: Uint8Array,
  from: number,
  size: number,
  hash: number,
  probes: number | undefined,
): boolean {
  if (size === 0) return false;
  const step = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 1;
  for (let i = 0, at = hash; i < (probes ?? PROBES_OF_FIRST_KIND); i++) {
    const bit = scaleHash(at, size * 8);
    if ((filters[from + (bit >>> 3)]! & (1 << (bit & 7))) === 0) return false;
    at = probes === undefined ? (at + step) | 0 : secondHash(at);
  }
  return true;
}
