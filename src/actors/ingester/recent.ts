import xxhash from 'xxhash-wasm';

/** 64 bits that stand for a batch's bytes. */
export type Fingerprint = (bytes: Uint8Array) => bigint;

/** What is remembered of a batch. */
export interface KnownBatch {
  readonly tenant: string;
  readonly length: number;
  readonly fingerprint: bigint;
}

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
 * Appends that are durable and that their sender may send again because it did not see the answer: by then they may have
 * left memory for an object, where nobody looks for duplicates. Two generations, each bounded by count and age.
 */
export class RecentAppends {
  readonly #fingerprint: Fingerprint;
  readonly #countMax: number;
  readonly #ageMaxMs: number;
  #young = new Generation();
  #old = new Generation();
  #turnedMs = Number.NEGATIVE_INFINITY;

  /** Remembers at least the last `countMax`, unless they are older than `ageMaxMs`. */
  constructor(fingerprint: Fingerprint, countMax: number, ageMaxMs: number) {
    this.#fingerprint = fingerprint;
    this.#countMax = countMax;
    this.#ageMaxMs = ageMaxMs;
  }

  /** Costs a look at all bytes only where a remembered append of the tenant is as long. */
  has(tenant: string, buffer: SharedArrayBuffer): boolean {
    const shape = shapeOf(tenant, buffer.byteLength);
    if (!this.#young.shapes.has(shape) && !this.#old.shapes.has(shape)) return false;
    const key = keyOf(shape, this.#fingerprint(new Uint8Array(buffer)));
    return this.#young.keys.has(key) || this.#old.keys.has(key);
  }

  add(tenant: string, buffer: SharedArrayBuffer, nowMs: number): void {
    this.addKnown({ tenant, length: buffer.byteLength, fingerprint: this.#fingerprint(new Uint8Array(buffer)) }, nowMs);
  }

  /** As `add`, where the batch is not at hand. */
  addKnown({ tenant, length, fingerprint }: KnownBatch, nowMs: number): void {
    if (this.#young.keys.size >= this.#countMax || nowMs - this.#turnedMs > this.#ageMaxMs) {
      this.#old = this.#young;
      this.#young = new Generation();
      this.#turnedMs = nowMs;
    }
    const shape = shapeOf(tenant, length);
    this.#young.shapes.add(shape);
    this.#young.keys.add(keyOf(shape, fingerprint));
  }
}

class Generation {
  readonly shapes = new Set<string>();
  readonly keys = new Set<string>();
}

/** One tenant's hash cannot stand for another's. */
function shapeOf(tenant: string, length: number): string {
  return `${tenant}/${length}`;
}

function keyOf(shape: string, fingerprint: bigint): string {
  return `${shape}/${fingerprint}`;
}
