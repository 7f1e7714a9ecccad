/** Numbers pairs of int32 from 0 in order of first sight: open addressing over typed arrays, no object per pair. */
export class PairTable {
  #slots = new Int32Array(64); // id + 1; 0 is free
  #left = new Int32Array(32);
  #right = new Int32Array(32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  left(id: number): number {
    return this.#left[id]!;
  }

  right(id: number): number {
    return this.#right[id]!;
  }

  /** The pair's number; equal to the size before the call when the pair is new. */
  id(left: number, right: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash(left, right) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return this.#add(slot, left, right);
      if (this.#left[id] === left && this.#right[id] === right) return id;
    }
  }

  #add(slot: number, left: number, right: number): number {
    const id = this.#size++;
    if (id === this.#left.length) {
      this.#left = grown(this.#left);
      this.#right = grown(this.#right);
    }
    this.#left[id] = left;
    this.#right[id] = right;
    this.#slots[slot] = id + 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = hash(this.#left[id]!, this.#right[id]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function hash(left: number, right: number): number {
  let h = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

function grown(column: Int32Array): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(column.length * 2);
  bigger.set(column);
  return bigger;
}
