import { getOrCreate } from '../../wire/get-or-create.js';
/** Text in Arrow Utf8 layout: row i is bytes[offsets[i]..offsets[i+1]). */
export interface TextColumn {
  readonly offsets: Int32Array;
  readonly bytes: Buffer;
  /** Memory that lives as long as this, where that is more than its bytes. */
  readonly heldBytes?: number;
}

/**
 * A column of short strings: row i has `values[ids[i]]`, nothing when ids[i] is -1. The identity of `values` is the
 * identity of the dictionary, so whatever was worked out per value (a verdict, a group) can be kept across batches;
 * a dictionary may still grow at its end.
 */
export interface StringColumn {
  readonly ids: Int32Array;
  readonly values: readonly string[];
}

/** Per row the first column that has a value. */
export function coalesce(rows: number, columns: readonly StringColumn[]): StringColumn | undefined {
  if (columns.length <= 1) return columns[0];
  const values: string[] = [];
  const ids = new Int32Array(rows).fill(-1);
  for (const column of columns) {
    const shift = values.length;
    for (const value of column.values) values.push(value);
    for (let i = 0; i < rows; i++) if (ids[i]! < 0 && column.ids[i]! >= 0) ids[i] = column.ids[i]! + shift;
  }
  return { ids, values };
}

/** Something worked out once per dictionary value, kept per dictionary and extended when it grows. */
export class PerValue<T> {
  readonly #compute: (value: string) => T;
  readonly #kept = new WeakMap<readonly string[], T[]>();

  constructor(compute: (value: string) => T) {
    this.#compute = compute;
  }

  /** Index by id. */
  of(values: readonly string[]): readonly T[] {
    const results = getOrCreate(this.#kept, values, (): T[] => []);
    for (let id = results.length; id < values.length; id++) results.push(this.#compute(values[id]!));
    return results;
  }
}
