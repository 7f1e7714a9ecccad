import { getOrCreate } from '../../wire/get-or-create.js';
import { ByteIndex } from './byte-index.js';

/** Distinct values a dictionary may hold before its owner starts a new one: bounds memory on high-cardinality columns. */
export const DICTIONARY_VALUES_MAX = 65_536;

/** Numbers below are looked up at their place, for so many units. */
const SMALL_NUMBERS = 16_384;
const UNITS_MAX = 8;

/** Ids of numbers with one unit. */
interface NumberIds {
  /** Of small ones: id + 1. */
  readonly small: Int32Array;
  readonly others: Map<number, number>;
}

/** Interns UTF-8 spans as small integers without making a string for a value it has seen. `values` is append-only. */
export class Dictionary {
  readonly values: string[] = [];
  readonly #index = new ByteIndex();
  #scratch = Buffer.allocUnsafeSlow(256);
  readonly #numbersByUnit = new Map<string, NumberIds>();
  #numbers: NumberIds = { small: new Int32Array(0), others: new Map() };
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

  /** A whole number and what stands behind it, as text, which is made once for each. */
  internNumber(value: number, unit: string): number {
    if (unit !== this.#unit) this.#setUnit(unit);
    const { small, others } = this.#numbers;
    const isSmall = value < SMALL_NUMBERS;
    const known = isSmall ? small[value]! - 1 : (others.get(value) ?? -1);
    if (known >= 0) return known;
    const id = this.internText(value + unit);
    if (isSmall) small[value] = id + 1;
    else others.set(value, id);
    return id;
  }

  #setUnit(unit: string): void {
    if (this.#numbersByUnit.size >= UNITS_MAX) this.#numbersByUnit.clear();
    this.#numbers = getOrCreate(this.#numbersByUnit, unit, () => ({
      small: new Int32Array(SMALL_NUMBERS),
      others: new Map(),
    }));
    this.#unit = unit;
  }
}
