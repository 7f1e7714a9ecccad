/** Murmur3's 32-bit finish of FNV-1a over bytes[from..to-1]: what values of metadata are looked up by. */
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

/** Another hash of what has this one, as good as independent of it in its upper bits. */
export function secondHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) + 0x9e3779b9) | 0;
}

/** A 32-bit hash scaled to 0..size-1 (Lemire's multiply-shift, in floating point). */
export function scaleHash(hash: number, size: number): number {
  return Math.floor(((hash >>> 0) * size) / 4294967296);
}
