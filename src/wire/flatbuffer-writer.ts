/**
 * FlatBuffers written front to back (https://flatbuffers.dev/internals): a table, then what it refers to, so that all offsets
 * lead forward. Fields are in order of their width, and every table begins so that the widest are aligned.
 */
export type FlatField =
  | { readonly kind: 'uint8' | 'int16' | 'int32'; readonly value: number }
  /** A count or an offset: 0 to 2^53. */
  | { readonly kind: 'size'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'table'; readonly value: FlatTable }
  | { readonly kind: 'tables'; readonly value: readonly FlatTable[] }
  /** Structs of two sizes, one after another. */
  | { readonly kind: 'pairs'; readonly value: readonly number[] };

/** Fields by slot number; what is left out has its default. */
export type FlatTable = readonly (FlatField | undefined)[];

const WIDTHS: Record<FlatField['kind'], number> = {
  ...{ uint8: 1, int16: 2, int32: 4, size: 8 },
  ...{ string: 4, table: 4, tables: 4, pairs: 4 },
};

const FIRST_BYTES = 1024;

/** A buffer with this table as its root, as long as a multiple of 8 bytes. */
export function writeFlatBuffer(root: FlatTable): Uint8Array {
  const writer = new Writer();
  writer.refer(writer.reserve(4), () => writer.table(root));
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  finish(): Uint8Array {
    this.#align(8, 0);
    return this.#bytes.subarray(0, this.#end);
  }

  /** Room for so many bytes, which are zero. */
  reserve(count: number): number {
    const at = this.#end;
    this.#end += count;
    if (this.#end > this.#bytes.length) this.#grow();
    return at;
  }

  /** Fills in an offset to what is written next. */
  refer(at: number, write: () => number): void {
    const to = write();
    this.#view.setUint32(at, to - at, true);
  }

  /** Where it begins. */
  table(fields: FlatTable): number {
    this.#align(2, 0);
    const slots = this.reserve(4 + 2 * fields.length);
    this.#align(8, 4);
    const at = this.reserve(4);
    const places: number[] = [];
    for (const width of [8, 4, 2, 1]) {
      for (let slot = 0; slot < fields.length; slot++) {
        const field = fields[slot];
        if (field !== undefined && WIDTHS[field.kind] === width) places[slot] = this.reserve(width);
      }
    }
    this.#view.setInt32(at, at - slots, true);
    this.#view.setUint16(slots, 4 + 2 * fields.length, true);
    this.#view.setUint16(slots + 2, this.#end - at, true);
    for (let slot = 0; slot < fields.length; slot++) {
      const field = fields[slot];
      if (field === undefined) continue;
      this.#view.setUint16(slots + 4 + 2 * slot, places[slot]! - at, true);
      this.#fill(places[slot]!, field);
    }
    return at;
  }

  #fill(at: number, field: FlatField): void {
    switch (field.kind) {
      case 'uint8':
        return this.#view.setUint8(at, field.value);
      case 'int16':
        return this.#view.setInt16(at, field.value, true);
      case 'int32':
        return this.#view.setInt32(at, field.value, true);
      case 'size':
        return this.#size(at, field.value);
      case 'string':
        return this.refer(at, () => this.#string(field.value));
      case 'table':
        return this.refer(at, () => this.table(field.value));
      case 'tables':
        return this.refer(at, () => this.#tables(field.value));
      case 'pairs':
        return this.refer(at, () => this.#pairs(field.value));
    }
  }

  #string(value: string): number {
    const utf8 = Buffer.from(value, 'utf8');
    const at = this.#count(utf8.length, 0);
    const first = this.reserve(utf8.length + 1); // strings end with a zero that their length does not count
    this.#bytes.set(utf8, first);
    return at;
  }

  #tables(values: readonly FlatTable[]): number {
    const at = this.#count(values.length, 0);
    const first = this.reserve(4 * values.length);
    for (let i = 0; i < values.length; i++) this.refer(first + 4 * i, () => this.table(values[i]!));
    return at;
  }

  #pairs(values: readonly number[]): number {
    const at = this.#count(values.length / 2, 4);
    const first = this.reserve(8 * values.length);
    for (let i = 0; i < values.length; i++) this.#size(first + 8 * i, values[i]!);
    return at;
  }

  /** The length before the items of a vector; `rest`: where it lies beside the multiples of 8, if that matters. */
  #count(count: number, rest: number): number {
    this.#align(rest === 0 ? 4 : 8, rest);
    const at = this.reserve(4);
    this.#view.setUint32(at, count, true);
    return at;
  }

  #size(at: number, value: number): void {
    this.#view.setUint32(at, value % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  #align(to: number, rest: number): void {
    while (this.#end % to !== rest) this.reserve(1);
  }

  #grow(): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
