import type { EntriesBatch } from '../../wire/entries.js';

/**
 * A hash of a row's time, message and metadata values (keys are compared, not hashed): MurmurHash3 x86_32 by Austin
 * Appleby, over the bytes of each in turn. Equal rows have equal hashes; what has an equal hash still needs `sameRow`.
 */
export function hashRow(entries: EntriesBatch, words: Int32Array, row: number): number {
  const { messageOffsets, pairStarts, pairOffsets } = entries;
  let hash = mix(words[2 * row]!, words[2 * row + 1]!);
  hash = hashBytes(entries.messages, messageOffsets[row]!, messageOffsets[row + 1]!, hash);
  const first = pairStarts[row]!;
  const end = pairStarts[row + 1]!;
  return end > first ? hashBytes(entries.metadata, pairOffsets[first]!, pairOffsets[end]!, hash) : hash;
}

/** Whether two rows of a stream are the same entry: equal time, message, and metadata pairs in the same order. */
export function sameRow(a: EntriesBatch, rowA: number, b: EntriesBatch, rowB: number): boolean {
  if (a.times[rowA] !== b.times[rowB]) return false;
  const startA = a.messageOffsets[rowA]!;
  const startB = b.messageOffsets[rowB]!;
  const length = a.messageOffsets[rowA + 1]! - startA;
  if (b.messageOffsets[rowB + 1]! - startB !== length) return false;
  return sameBytes(a.messages, startA, b.messages, startB, length) && samePairs(a, rowA, b, rowB);
}

function samePairs(a: EntriesBatch, rowA: number, b: EntriesBatch, rowB: number): boolean {
  const firstA = a.pairStarts[rowA]!;
  const firstB = b.pairStarts[rowB]!;
  const count = a.pairStarts[rowA + 1]! - firstA;
  if (b.pairStarts[rowB + 1]! - firstB !== count) return false;
  for (let i = 0; i < count; i++) {
    if (a.keys[a.pairKeys[firstA + i]!] !== b.keys[b.pairKeys[firstB + i]!]) return false;
    const startA = a.pairOffsets[firstA + i]!;
    const startB = b.pairOffsets[firstB + i]!;
    const length = a.pairOffsets[firstA + i + 1]! - startA;
    if (b.pairOffsets[firstB + i + 1]! - startB !== length) return false;
    if (!sameBytes(a.metadata, startA, b.metadata, startB, length)) return false;
  }
  return true;
}

function sameBytes(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (const stop = end - 3; at < stop; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = mix(hash, word);
  }
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= bytes[at]! << shift;
  hash = mix(hash, rest) ^ (end - start);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
