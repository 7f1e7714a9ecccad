/** Combinations of values that several columns have together, as one number a row. */

/** More combinations than that are not numbered. */
export const JOINED_MAX = 1 << 10;

export interface JoinedIds {
  /** Of each row, the number of its combination. */
  readonly ids: Int32Array;
  /** Of each combination, the value of every column; -1: none. */
  readonly tuples: readonly (readonly number[])[];
}

/** Columns have the number of a value for each row, or -1. Undefined when there are too many combinations. */
export function joinIds(
  columns: readonly { readonly ids: Int32Array; readonly values: number }[],
  rows: number,
): JoinedIds | undefined {
  let joined: JoinedIds = { ids: new Int32Array(rows), tuples: [[]] };
  for (const column of columns) {
    const more = joinOne(joined, column);
    if (more === undefined) return undefined;
    joined = more;
  }
  return joined;
}

function joinOne(
  { ids: before, tuples: prefixes }: JoinedIds,
  { ids, values }: { readonly ids: Int32Array; readonly values: number },
): JoinedIds | undefined {
  const width = values + 1;
  const numbers = new Int32Array(prefixes.length * width).fill(-1);
  const tuples: number[][] = [];
  const joined = new Int32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const cell = before[row]! * width + ids[row]! + 1;
    if (numbers[cell]! < 0) {
      if (tuples.length === JOINED_MAX) return undefined;
      numbers[cell] = tuples.push([...prefixes[before[row]!]!, ids[row]!]) - 1;
    }
    joined[row] = numbers[cell]!;
  }
  return { ids: joined, tuples };
}
