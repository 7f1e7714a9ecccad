import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { StringColumn } from './column.js';

/** Some of the labels of each row: row i has the pairs ids[starts[i]..starts[i + 1]], which all have names of their own. */
export interface PairColumn {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  /** Pairs of a name and a value as JSON, each once. */
  readonly values: readonly string[];
}

export type Pair = readonly [name: string, value: string];

export function pairText(name: string, value: string): string {
  return JSON.stringify([name, value]);
}

export function pairsOf({ values }: PairColumn): Pair[] {
  return values.map((text) => JSON.parse(text) as Pair);
}

/** Puts a column of pairs together, row by row. */
export class PairLists {
  readonly #values: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #starts: Int32Array;
  readonly #ids: number[] = [];
  #rows = 0;

  constructor(rows: number) {
    this.#starts = new Int32Array(rows + 1);
  }

  /** The number of a pair (`pairText`) in this column. */
  number(text: string): number {
    return getOrCreate(this.#numbers, text, () => this.#values.push(text) - 1);
  }

  /** To the row that comes next. */
  add(number: number): void {
    this.#ids.push(number);
  }

  endRow(): void {
    this.#starts[++this.#rows] = this.#ids.length;
  }

  finish(): PairColumn {
    return { starts: this.#starts, ids: Int32Array.from(this.#ids), values: this.#values };
  }
}

/** Copies rows of a column into another that is being put together. */
export class PairCopier {
  readonly #from: PairColumn;
  readonly #to: PairLists;
  /** By number there: the number here, -1 where it is not known yet. */
  readonly #numbers: Int32Array;

  constructor(from: PairColumn, to: PairLists) {
    this.#from = from;
    this.#to = to;
    this.#numbers = new Int32Array(from.values.length).fill(-1);
  }

  copy(row: number): void {
    const { starts, ids, values } = this.#from;
    const end = starts[row + 1]!;
    for (let i = starts[row]!; i < end; i++) {
      const id = ids[i]!;
      if (this.#numbers[id]! < 0) this.#numbers[id] = this.#to.number(values[id]!);
      this.#to.add(this.#numbers[id]!);
    }
    this.#to.endRow();
  }
}

/** One column per name. */
export function columnsOfPairs(column: PairColumn): Map<string, StringColumn> {
  const { starts, ids } = column;
  const rows = starts.length - 1;
  const columns = new Map<string, { ids: Int32Array; values: string[] }>();
  const places = pairsOf(column).map(([name, value]) => {
    const own = getOrCreate(columns, name, () => ({ ids: new Int32Array(rows).fill(-1), values: [] as string[] }));
    return { ids: own.ids, number: own.values.push(value) - 1 };
  });
  for (let row = 0; row < rows; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const place = places[ids[i]!]!;
      place.ids[row] = place.number;
    }
  }
  return columns;
}

/** The labels of a row; `pairs`: those of the column. */
export function labelsAt({ starts, ids }: PairColumn, pairs: readonly Pair[], row: number): Labels {
  const labels: Pair[] = [];
  for (let i = starts[row]!; i < starts[row + 1]!; i++) labels.push(pairs[ids[i]!]!);
  return labels;
}

/**
 * Numbers rows by what they have in a column of numbers and in lists: those of equal rows are equal. `first` has a row of
 * each number. Lists of equal pairs in another order count as others.
 */
export function numberRows(
  ids: Int32Array,
  lists: readonly PairColumn[],
): { readonly numbers: Int32Array; readonly first: readonly number[] } {
  const numbers = new Int32Array(ids.length);
  const first: number[] = [];
  // By hash: the numbers of rows with that hash begin here, and go on in `next`.
  const heads = new Map<number, number>();
  const next: number[] = [];
  for (let row = 0; row < ids.length; row++) {
    const hash = hashRow(ids, lists, row);
    let number = heads.get(hash) ?? -1;
    while (number >= 0 && !areEqual(ids, lists, row, first[number]!)) number = next[number]!;
    if (number < 0) {
      number = first.push(row) - 1;
      next.push(heads.get(hash) ?? -1);
      heads.set(hash, number);
    }
    numbers[row] = number;
  }
  return { numbers, first };
}

/** FNV-1a over numbers, mixed a little. */
function hashRow(ids: Int32Array, lists: readonly PairColumn[], row: number): number {
  let hash = ids[row]! ^ 0x811c9dc5;
  for (const { starts, ids: pairs } of lists) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      hash = Math.imul(hash ^ pairs[i]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
  }
  return hash;
}

function areEqual(ids: Int32Array, lists: readonly PairColumn[], a: number, b: number): boolean {
  if (ids[a] !== ids[b]) return false;
  for (const { starts, ids: pairs } of lists) {
    const length = starts[a + 1]! - starts[a]!;
    if (starts[b + 1]! - starts[b]! !== length) return false;
    const [atA, atB] = [starts[a]!, starts[b]!];
    for (let i = 0; i < length; i++) if (pairs[atA + i] !== pairs[atB + i]) return false;
  }
  return true;
}
