/**
 * Numbers texts by first occurrence, the same for equal ones: FNV-1a, open addressing, bytes kept and compared on every
 * hit. Nothing is ever taken out, so a number means the same for as long as the index lives.
 */
export class ByteIndex {
  #count = 0;
  #slots = new Int32Array(256); // number + 1; 0 is free
  #hashes = new Int32Array(128);
  #ends = new Int32Array(129); // text i is arena[ends[i]..ends[i+1])
  #arena = Buffer.allocUnsafeSlow(4096);

  /** Of all texts. */
  get bytes(): number {
    return this.#ends[this.#count]!;
  }

  number(source: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]! - 1;
      if (number < 0) return this.#add(slot, hash, source, start, end);
      if (this.#hashes[number] === hash && this.#equals(number, source, start, end)) return number;
    }
  }

  text(number: number): string {
    return this.#arena.utf8Slice(this.#ends[number]!, this.#ends[number + 1]!);
  }

  #equals(number: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#ends[number]!;
    if (this.#ends[number + 1]! - from !== end - start) return false;
    const arena = this.#arena;
    for (let i = start, j = from; i < end; i++, j++) if (source[i] !== arena[j]) return false;
    return true;
  }

  #add(slot: number, hash: number, source: Uint8Array, start: number, end: number): number {
    const number = this.#count++;
    if (number === this.#hashes.length) this.#growColumns();
    const from = this.#ends[number]!;
    const to = from + end - start;
    if (to > this.#arena.length) this.#growArena(to);
    this.#arena.set(source.subarray(start, end), from);
    this.#hashes[number] = hash;
    this.#ends[number + 1] = to;
    this.#slots[slot] = number + 1;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #growColumns(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const ends = new Int32Array(hashes.length + 1);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  #growArena(bytes: number): void {
    const arena = Buffer.allocUnsafeSlow(Math.max(bytes, this.#arena.length * 2));
    arena.set(this.#arena);
    this.#arena = arena;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = this.#hashes[number]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}
