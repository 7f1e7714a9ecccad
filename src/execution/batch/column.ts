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

/**
 * Something worked out once per dictionary value, kept per dictionary. Only of values that are asked for: those of a page
 * are mostly a few of its section's.
 */
export class PerValue<T> {
  readonly #compute: (value: string) => T;
  readonly #kept = new WeakMap<readonly string[], ValueResults<T>>();

  constructor(compute: (value: string) => T) {
    this.#compute = compute;
  }

  of(values: readonly string[]): ValueResults<T> {
    const results = getOrCreate(this.#kept, values, () => new ValueResults(values, this.#compute));
    results.makeRoom();
    return results;
  }
}

/** Of the values of one dictionary. */
export class ValueResults<T> {
  readonly #values: readonly string[];
  readonly #compute: (value: string) => T;
  /** By id: which of the results it has, less one; 0 = not worked out. */
  #places = new Uint32Array(0);
  readonly #results: T[] = [];

  constructor(values: readonly string[], compute: (value: string) => T) {
    this.#values = values;
    this.#compute = compute;
  }

  /** For all values that there are by now. */
  makeRoom(): void {
    const { length } = this.#values;
    if (this.#places.length >= length) return;
    const places = new Uint32Array(this.#places.length === 0 ? length : 2 * length);
    places.set(this.#places);
    this.#places = places;
  }

  get(id: number): T {
    const place = this.#places[id]!;
    if (place > 0) return this.#results[place - 1]!;
    const result = this.#compute(this.#values[id]!);
    this.#places[id] = this.#results.push(result);
    return result;
  }
}
