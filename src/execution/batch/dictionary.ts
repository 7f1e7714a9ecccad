import { getOrCreate } from '../../wire/get-or-create.js';
import { ByteIndex } from './byte-index.js';

/** Distinct values a dictionary may hold before its owner starts a new one: bounds memory on high-cardinality columns. */
export const DICTIONARY_VALUES_MAX = 65_536;

/** Numbers below are looked up at their place, for so many units. */
const SMALL_NUMBERS = 16_384;
const UNITS_MAX = 8;

/** Interns UTF-8 spans as small integers without making a string for a value it has seen. `values` is append-only. */
export class Dictionary {
  readonly values: string[] = [];
  readonly #index = new ByteIndex();
  #scratch = Buffer.allocUnsafeSlow(256);
  // Of small numbers with a unit: id + 1.
  readonly #numbersByUnit = new Map<string, Int32Array>();
  #numbers: Int32Array = new Int32Array(0);
  #unit: string | undefined;

  get full(): boolean {
    return this.values.length >= DICTIONARY_VALUES_MAX;
  }

  intern(source: Uint8Array, start: number, end: number): number {
    const id = this.#index.number(source, start, end);
    if (id === this.values.length) this.values.push(this.#index.text(id));
    return id;
  }

  internText(text: string): number {
    if (this.#scratch.length < text.length * 3) this.#scratch = Buffer.allocUnsafeSlow(text.length * 4);
    return this.intern(this.#scratch, 0, this.#scratch.utf8Write(text, 0));
  }

  /** A whole number and what stands behind it, as text. */
  internNumber(value: number, unit: string): number {
    if (value >= SMALL_NUMBERS) return this.internText(value + unit);
    if (unit !== this.#unit) this.#setUnit(unit);
    let id = this.#numbers[value]! - 1;
    if (id < 0) {
      id = this.internText(value + unit);
      this.#numbers[value] = id + 1;
    }
    return id;
  }

  #setUnit(unit: string): void {
    if (this.#numbersByUnit.size >= UNITS_MAX) this.#numbersByUnit.clear();
    this.#numbers = getOrCreate(this.#numbersByUnit, unit, () => new Int32Array(SMALL_NUMBERS));
    this.#unit = unit;
  }
}
