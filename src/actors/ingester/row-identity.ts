import type { StoredBatch } from './stream.js';

/**
 * A hash of a row's time, message and metadata values (keys are compared, not hashed): MurmurHash3 x86_32 by Austin
 * Appleby, over the bytes of each in turn. Equal rows have equal hashes; what has an equal hash still needs `sameRow`.
 */
export function hashRow({ entries, words, view }: StoredBatch, row: number): number {
  const { messageOffsets, pairStarts, pairs, pairOffsets, messages, metadata } = entries;
  let hash = mix(words[2 * row]!, words[2 * row + 1]!);
  const start = messages.byteOffset;
  hash = hashBytes(view, start + messageOffsets[row]!, start + messageOffsets[row + 1]!, hash);
  const values = metadata.byteOffset;
  for (let at = pairStarts[row]!; at < pairStarts[row + 1]!; at++) {
    const pair = pairs[at]!;
    hash = hashBytes(view, values + pairOffsets[pair]!, values + pairOffsets[pair + 1]!, hash);
  }
  return hash;
}

/** As `hashRow`, without reading the row's text: its time and sizes tell nearly all rows of a stream apart. */
export function hashShape({ entries, words }: StoredBatch, row: number): number {
  const { messageOffsets, pairStarts } = entries;
  let hash = mix(words[2 * row]!, words[2 * row + 1]!);
  hash = mix(hash, messageOffsets[row + 1]! - messageOffsets[row]!);
  hash = mix(hash, pairStarts[row + 1]! - pairStarts[row]!);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Whether two rows of a stream are the same entry: equal time, message, and metadata pairs in the same order. */
export function sameRow(a: StoredBatch, rowA: number, b: StoredBatch, rowB: number): boolean {
  if (a.words[2 * rowA] !== b.words[2 * rowB] || a.words[2 * rowA + 1] !== b.words[2 * rowB + 1]) return false;
  const startA = a.entries.messageOffsets[rowA]!;
  const startB = b.entries.messageOffsets[rowB]!;
  const length = a.entries.messageOffsets[rowA + 1]! - startA;
  if (b.entries.messageOffsets[rowB + 1]! - startB !== length) return false;
  const atA = a.entries.messages.byteOffset + startA;
  const atB = b.entries.messages.byteOffset + startB;
  return sameBytes(a.view, atA, b.view, atB, length) && samePairs(a, rowA, b, rowB);
}

function samePairs(a: StoredBatch, rowA: number, b: StoredBatch, rowB: number): boolean {
  const firstA = a.entries.pairStarts[rowA]!;
  const firstB = b.entries.pairStarts[rowB]!;
  const count = a.entries.pairStarts[rowA + 1]! - firstA;
  if (b.entries.pairStarts[rowB + 1]! - firstB !== count) return false;
  for (let i = 0; i < count; i++) {
    const pairA = a.entries.pairs[firstA + i]!;
    const pairB = b.entries.pairs[firstB + i]!;
    if ((a !== b || pairA !== pairB) && !samePair(a, pairA, b, pairB)) return false;
  }
  return true;
}

function samePair(a: StoredBatch, pairA: number, b: StoredBatch, pairB: number): boolean {
  if (a.entries.keys[a.entries.pairKeys[pairA]!] !== b.entries.keys[b.entries.pairKeys[pairB]!]) return false;
  const startA = a.entries.pairOffsets[pairA]!;
  const startB = b.entries.pairOffsets[pairB]!;
  const length = a.entries.pairOffsets[pairA + 1]! - startA;
  if (b.entries.pairOffsets[pairB + 1]! - startB !== length) return false;
  return sameBytes(
    a.view,
    a.entries.metadata.byteOffset + startA,
    b.view,
    b.entries.metadata.byteOffset + startB,
    length,
  );
}

function sameBytes(a: DataView, atA: number, b: DataView, atB: number, length: number): boolean {
  let i = 0;
  for (const stop = length - 3; i < stop; i += 4) if (a.getInt32(atA + i) !== b.getInt32(atB + i)) return false;
  for (; i < length; i++) if (a.getUint8(atA + i) !== b.getUint8(atB + i)) return false;
  return true;
}

function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (const stop = end - 3; at < stop; at += 4) hash = mix(hash, view.getInt32(at, true));
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= view.getUint8(at) << shift;
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
