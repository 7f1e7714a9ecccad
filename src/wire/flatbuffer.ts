/**
 * FlatBuffers read without trust (https://flatbuffers.dev/internals). Every offset is followed through a DataView of the
 * buffer, which refuses what lies outside; nothing here follows more than one, so a buffer cannot send a reader in circles.
 */

/** Thrown for bytes that are no such buffer, or hold more of something than anybody writes. */
export class FlatBufferError extends RangeError {}

/** Of a vector of tables, and of a string. No schema of ours comes near. */
const ITEMS_MAX = 1024;
const STRING_BYTES_MAX = 1 << 16;

const decoder = new TextDecoder();

/** A table: fields by slot number, each absent or at an offset. */
export class Table {
  readonly #view: DataView;
  readonly #at: number;
  readonly #fields: number;
  readonly #fieldsEnd: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    const fields = at - view.getInt32(at, true);
    this.#fields = fields + 4;
    this.#fieldsEnd = fields + view.getUint16(fields, true);
  }

  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Table(view, view.getUint32(0, true));
  }

  uint8(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  int16(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.#view.getInt16(at, true);
  }

  int32(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : this.#view.getInt32(at, true);
  }

  /** An int64 that is a count or an offset: 0 to 2^53. */
  size(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : sizeAt(this.#view, at);
  }

  table(slot: number): Table | undefined {
    const at = this.#field(slot);
    return at === 0 ? undefined : new Table(this.#view, this.#follow(at));
  }

  string(slot: number): string {
    const at = this.#field(slot);
    return at === 0 ? '' : this.#text(this.#follow(at));
  }

  tables(slot: number): Table[] {
    const { first, count } = this.#vector(slot, 4);
    if (count > ITEMS_MAX) throw new FlatBufferError(`flatbuffer: a vector of ${count} tables`);
    return Array.from({ length: count }, (_, i) => new Table(this.#view, this.#follow(first + 4 * i)));
  }

  /** Structs of two int64, as `size` takes them. */
  pairs(slot: number): (readonly [number, number])[] {
    const { first, count } = this.#vector(slot, 16);
    return Array.from({ length: count }, (_, i) => {
      const at = first + 16 * i;
      return [sizeAt(this.#view, at), sizeAt(this.#view, at + 8)] as const;
    });
  }

  /** Where the field of a slot is; 0 = absent. */
  #field(slot: number): number {
    const entry = this.#fields + 2 * slot;
    if (entry + 2 > this.#fieldsEnd) return 0;
    const offset = this.#view.getUint16(entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  #vector(slot: number, itemBytes: number): { first: number; count: number } {
    const at = this.#field(slot);
    if (at === 0) return { first: 0, count: 0 };
    const start = this.#follow(at);
    const count = this.#view.getUint32(start, true);
    if (count * itemBytes > this.#view.byteLength - start - 4)
      throw new FlatBufferError(`flatbuffer: a vector of ${count} items does not fit`);
    return { first: start + 4, count };
  }

  #text(start: number): string {
    const { buffer, byteOffset, byteLength } = this.#view;
    const length = this.#view.getUint32(start, true);
    if (length > STRING_BYTES_MAX || start + 4 + length > byteLength)
      throw new FlatBufferError(`flatbuffer: a string of ${length} bytes`);
    return decoder.decode(new Uint8Array(buffer, byteOffset + start + 4, length));
  }
}

function sizeAt(view: DataView, at: number): number {
  const size = Number(view.getBigInt64(at, true));
  if (size < 0 || !Number.isSafeInteger(size)) throw new FlatBufferError(`flatbuffer: a size of ${size}`);
  return size;
}
