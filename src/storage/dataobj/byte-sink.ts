/** Bytes in pieces: what is large is copied once, to where it is wanted. */
export interface ByteParts {
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

export function byteParts(parts: readonly Uint8Array[]): ByteParts {
  return { parts, length: parts.reduce((sum, part) => sum + part.length, 0) };
}

/** Bytes appended to one growing buffer. */
export class ByteSink {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 1024) {
    this.#buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The buffer, with room for `more` bytes at `length`; write there, then `advance`. */
  reserve(more: number): Uint8Array<ArrayBuffer> {
    const needed = this.#length + more;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    return this.#buffer;
  }

  advance(bytes: number): void {
    this.#length += bytes;
  }

  /** A view; further appends may or may not show in it. */
  view(from = 0, to = this.#length): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(from, to);
  }

  clear(): void {
    this.#length = 0;
  }
}
