/** Which streams two objects share, told by the numbers of their label values: no label set is made for it, and no text. */
import type { LabelColumn } from '../../storage/dataobj/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';

/** The streams of an object, which never change. */
export interface StreamLabels {
  readonly count: number;
  readonly columns: readonly LabelColumn[];
}

const NONE = -1;
const UNKNOWN = -2;

const known = new WeakMap<StreamLabels, WeakMap<StreamLabels, Int32Array>>();
const finders = new WeakMap<StreamLabels, StreamFinder>();

/** By stream of the one object its number in the other, -1 where it is not there. Remembered as long as both are open. */
export function sharedStreams(ours: StreamLabels, theirs: StreamLabels): Int32Array {
  const others = getOrCreate(known, ours, () => new WeakMap<StreamLabels, Int32Array>());
  return getOrCreate(others, theirs, () => getOrCreate(finders, theirs, () => new StreamFinder(theirs)).all(ours));
}

/** Finds streams by the numbers that the values of their labels have here. */
class StreamFinder {
  readonly #count: number;
  readonly #columns: readonly LabelColumn[];
  readonly #numbers: (ReadonlyMap<string, number> | undefined)[] = [];
  /** A hash table with chains: by slot a stream, by stream the next. */
  #chains: { readonly firsts: Int32Array; readonly nexts: Int32Array } | undefined;

  constructor({ count, columns }: StreamLabels) {
    this.#count = count;
    this.#columns = columns;
  }

  all({ count, columns }: StreamLabels): Int32Array {
    const found = new Int32Array(count).fill(NONE);
    const places = columns.map((column) => this.#columns.findIndex(({ name }) => name === column.name));
    const numbers = columns.map(({ values }, c) => (places[c]! < 0 ? undefined : this.#numbersOf(places[c]!, values)));
    const row = new Int32Array(this.#columns.length).fill(NONE);
    let last = NONE;
    for (let stream = 0; stream < count; stream++) {
      let isHere = true;
      for (let c = 0; c < columns.length; c++) {
        const id = columns[c]!.ids[stream]!;
        const number = id < 0 ? NONE : (numbers[c]?.[id] ?? UNKNOWN);
        if (number === UNKNOWN) isHere = false;
        else if (places[c]! >= 0) row[places[c]!] = number;
      }
      if (!isHere) continue;
      // Objects mostly have the same streams in the same order.
      found[stream] = this.#isAt(last + 1, row) ? last + 1 : this.#find(row);
      if (found[stream]! >= 0) last = found[stream]!;
    }
    return found;
  }

  /** The numbers that values of another object have here. */
  #numbersOf(column: number, values: readonly string[]): Int32Array {
    const here = this.#columns[column]!.values;
    return Int32Array.from(values, (value, i) => (here[i] === value ? i : this.#numberOf(column, value)));
  }

  #numberOf(column: number, value: string): number {
    this.#numbers[column] ??= new Map(this.#columns[column]!.values.map((text, number) => [text, number]));
    return this.#numbers[column].get(value) ?? UNKNOWN;
  }

  #isAt(stream: number, row: Int32Array): boolean {
    if (stream >= this.#count) return false;
    for (let c = 0; c < row.length; c++) if (this.#columns[c]!.ids[stream] !== row[c]) return false;
    return true;
  }

  #find(row: Int32Array): number {
    this.#chains ??= this.#chained();
    const { firsts, nexts } = this.#chains;
    let stream = firsts[slotOf(row, firsts.length)]!;
    while (stream !== NONE && !this.#isAt(stream, row)) stream = nexts[stream]!;
    return stream;
  }

  #chained(): { readonly firsts: Int32Array; readonly nexts: Int32Array } {
    const firsts = new Int32Array(2 ** Math.ceil(Math.log2(2 * this.#count + 2))).fill(NONE);
    const nexts = new Int32Array(this.#count);
    const row = new Int32Array(this.#columns.length);
    for (let stream = 0; stream < this.#count; stream++) {
      for (let c = 0; c < row.length; c++) row[c] = this.#columns[c]!.ids[stream]!;
      const slot = slotOf(row, firsts.length);
      nexts[stream] = firsts[slot]!;
      firsts[slot] = stream;
    }
    return { firsts, nexts };
  }
}

/** FNV-1a over the numbers. */
function slotOf(row: Int32Array, slots: number): number {
  let hash = 0x811c9dc5;
  for (let c = 0; c < row.length; c++) hash = Math.imul(hash ^ (row[c]! + 1), 0x01000193);
  return (hash ^ (hash >>> 15)) & (slots - 1);
}
