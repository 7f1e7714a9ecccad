/** Numbers texts, the same for equal ones: open addressing over a hash of their bytes, which are kept and compared. */
export class ShapeIndex {
  #count = 0;
  #slots = new Int32Array(1024); // number + 1; 0 is free
  #hashes = new Int32Array(512);
  #ends = new Int32Array(513); // text i is arena[ends[i]..ends[i+1])
  #arena = Buffer.allocUnsafeSlow(1 << 16);

  /** Of all texts. */
  get bytes(): number {
    return this.#ends[this.#count]!;
  }

  number(source: Buffer, start: number, end: number): number {
    const hash = hashOf(source, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let known = this.#slots[slot]! - 1; known >= 0; known = this.#slots[slot]! - 1) {
      if (this.#hashes[known] === hash && this.#equals(known, source, start, end)) return known;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, hash, source, start, end);
  }

  #equals(known: number, source: Buffer, start: number, end: number): boolean {
    const from = this.#ends[known]!;
    const to = this.#ends[known + 1]!;
    return to - from === end - start && this.#arena.compare(source, start, end, from, to) === 0;
  }

  #add(slot: number, hash: number, source: Buffer, start: number, end: number): number {
    const number = this.#count++;
    if (number === this.#hashes.length) this.#growColumns();
    const from = this.#ends[number]!;
    const to = from + end - start;
    if (to > this.#arena.length) this.#growArena(to);
    source.copy(this.#arena, from, start, end);
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
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = this.#hashes[number]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, mixed at the end. */
function hashOf(source: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
