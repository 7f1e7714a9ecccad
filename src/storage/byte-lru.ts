interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
}

/** Values by key up to a number of bytes; the one used longest ago makes room. */
export class ByteLru<K, V> {
  readonly #bytesMax: number;
  /** In the order of their last use. */
  readonly #entries = new Map<K, Entry<V>>();
  #bytes = 0;
  #evicted = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many have made room so far. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Without using it. */
  peek(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  use(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** In place of what the key had. `bytes`: no more than there is room for. */
  put(key: K, value: V, bytes: number): void {
    this.#drop(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#drop(oldest);
      this.#evicted++;
    }
  }

  #drop(key: K): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
