/** The names of the fields that may hold a level, ready for comparison with bytes. */
export class LevelFields {
  readonly #exact: Uint8Array[][] = [];
  readonly #folded: { readonly name: Uint8Array; readonly rank: number }[][] = [];
  /** 1 for a byte that some name ends with, in either case. */
  readonly lastBytes = new Uint8Array(256);

  constructor(names: readonly string[]) {
    names.forEach((name, rank) => {
      const exact = Buffer.from(name);
      const folded = Buffer.from(name.toLowerCase());
      bucket(this.#exact, exact.length).push(exact);
      const same = bucket(this.#folded, folded.length);
      if (same.every((other) => !folded.equals(other.name))) same.push({ name: folded, rank });
      const last = folded.at(-1);
      if (last !== undefined) {
        this.lastBytes[last] = 1;
        if (last >= 0x61 && last <= 0x7a) this.lastBytes[last - 0x20] = 1;
      }
    });
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#exact[end - start];
    if (names === undefined) return false;
    for (let i = 0; i < names.length; i++) if (equalAt(bytes, start, names[i]!)) return true;
    return false;
  }

  /** Place in the list, ignoring case; -1 for any other name. */
  rank(bytes: Uint8Array, start: number, end: number): number {
    const names = this.#folded[end - start];
    if (names === undefined) return -1;
    for (let i = 0; i < names.length; i++) {
      const field = names[i]!;
      if (equalFolded(bytes, start, field.name)) return field.rank;
    }
    return -1;
  }
}

function bucket<T>(buckets: T[][], length: number): T[] {
  while (buckets.length <= length) buckets.push([]);
  return buckets[length]!;
}

function equalAt(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function equalFolded(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i]!;
    if ((byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte) !== name[i]) return false;
  }
  return true;
}
