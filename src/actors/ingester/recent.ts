import xxhash from 'xxhash-wasm';

/** 64 bits that stand for a batch's bytes. */
export type Fingerprint = (bytes: Uint8Array) => bigint;

const CHUNK_BYTES = 1 << 20;

/** xxHash64 (Yann Collet), chained over chunks so that a large batch does not make the hasher's memory grow for good. */
export async function loadFingerprint(): Promise<Fingerprint> {
  const { h64Raw } = await xxhash();
  return (bytes) => {
    let hash = 0n;
    for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_BYTES)
      hash = h64Raw(bytes.subarray(at, at + CHUNK_BYTES), hash);
    return hash;
  };
}

/**
 * Appends that became durable lately. A client that got no answer sends the same bytes again, and by then the first copy
 * may have left memory for an object, where nobody looks for duplicates. Two generations, each bounded by count and age.
 */
export class RecentAppends {
  readonly #countMax: number;
  readonly #ageMaxMs: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedMs = Number.NEGATIVE_INFINITY;

  /** Remembers at least the last `countMax`, unless they are older than `ageMaxMs`. */
  constructor(countMax: number, ageMaxMs: number) {
    this.#countMax = countMax;
    this.#ageMaxMs = ageMaxMs;
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  add(key: string, nowMs: number): void {
    if (this.#young.size >= this.#countMax || nowMs - this.#turnedMs > this.#ageMaxMs) {
      this.#old = this.#young;
      this.#young = new Set();
      this.#turnedMs = nowMs;
    }
    this.#young.add(key);
  }
}

/** One tenant's hash cannot stand for another's. */
export function appendKey(tenant: string, bytes: Uint8Array, fingerprint: Fingerprint): string {
  return `${tenant}/${bytes.length}/${fingerprint(bytes)}`;
}
