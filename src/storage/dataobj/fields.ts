/**
 * Small structured blocks: MessagePack of a record whose values are numbers, texts, bytes and lists. Typed arrays are
 * stored as their little-endian bytes. Reading checks every field, since a checksum proves only that the bytes are the
 * writer's, not that the writer is ours.
 */
import { Packr, Unpackr } from 'msgpackr';
import { CorruptObject, inPlace, type Place } from '../corrupt.js';

export type FieldValue = string | number | bigint | Uint8Array | readonly FieldValue[] | FieldRecord;
export interface FieldRecord {
  readonly [name: string]: FieldValue;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' });

export function packFields(record: FieldRecord): Uint8Array {
  return packr.pack(record);
}

/** Throws CorruptObject. */
export function unpackFields(bytes: Uint8Array, place: Place): Fields {
  return inPlace(place, () => {
    try {
      return new Fields(unpackr.unpack(bytes));
    } catch (error) {
      throw new CorruptObject(error instanceof Error ? error.message : String(error));
    }
  });
}

/** The bytes of a typed array, for `packFields`. */
export function bytesOf(array: Int32Array | Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A record with checked access; every method throws CorruptObject when the field is not what it should be. */
export class Fields {
  readonly #record: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CorruptObject('not a record');
    this.#record = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#record, name);
  }

  text(name: string): string {
    const value = this.#record[name];
    if (typeof value !== 'string') throw wrong(name);
    return value;
  }

  /** An integer of 0..max. */
  count(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#record[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) throw wrong(name);
    return value;
  }

  nanos(name: string): bigint {
    const value = this.#record[name];
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw wrong(name);
  }

  bytes(name: string, length?: number): Uint8Array {
    const value = this.#record[name];
    if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length)) throw wrong(name);
    return value;
  }

  /** `length` int32 values; each of 0..max when a max is given. */
  int32s(name: string, length: number, max?: number): Int32Array {
    const array = new Int32Array(aligned(this.bytes(name, length * 4)));
    if (max === undefined) return array;
    for (let i = 0; i < array.length; i++) if (array[i]! < 0 || array[i]! > max) throw wrong(name);
    return array;
  }

  uint32s(name: string, length: number): Uint32Array {
    return new Uint32Array(aligned(this.bytes(name, length * 4)));
  }

  float64s(name: string, length: number): Float64Array {
    return new Float64Array(aligned(this.bytes(name, length * 8)));
  }

  texts(name: string): string[] {
    return this.#list(name).map((value) => {
      if (typeof value !== 'string') throw wrong(name);
      return value;
    });
  }

  /** Integers of 0..2^53-1. */
  counts(name: string): number[] {
    return this.#list(name).map((value) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(name);
      return value;
    });
  }

  record(name: string): Fields {
    return new Fields(this.#record[name]);
  }

  records(name: string): Fields[] {
    return this.#list(name).map((value) => new Fields(value));
  }

  #list(name: string): readonly unknown[] {
    const value = this.#record[name];
    if (!Array.isArray(value)) throw wrong(name);
    return value;
  }
}

function wrong(name: string): CorruptObject {
  return new CorruptObject(`field ${name} is missing or out of range`);
}

/** A copy at offset 0 of a buffer of its own, as typed arrays need. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}
