/**
 * Sorts order[from..to-1] by the keys they are the indices of, stably: a natural merge sort, which merges neighbouring
 * ascending runs until one is left. `scratch` is as long as `order`. No key may be NaN.
 */
export function sortIndices(
  order: Int32Array,
  from: number,
  to: number,
  keys: Float64Array,
  scratch: Int32Array = new Int32Array(order.length),
): void {
  for (;;) {
    let merged = false;
    let start = from;
    while (start < to) {
      const middle = runEnd(order, start, to, keys);
      const end = middle < to ? runEnd(order, middle, to, keys) : middle;
      if (end > middle) {
        merge(order, start, middle, end, keys, scratch);
        merged = true;
      }
      start = end;
    }
    if (!merged) return;
  }
}

function runEnd(order: Int32Array, from: number, to: number, keys: Float64Array): number {
  let i = from + 1;
  while (i < to && keys[order[i - 1]!]! <= keys[order[i]!]!) i++;
  return i;
}

function merge(
  order: Int32Array,
  start: number,
  middle: number,
  end: number,
  keys: Float64Array,
  scratch: Int32Array,
): void {
  for (let i = start; i < middle; i++) scratch[i] = order[i]!;
  let left = start;
  let right = middle;
  let out = start;
  while (left < middle) {
    if (right < end && keys[order[right]!]! < keys[scratch[left]!]!) order[out++] = order[right++]!;
    else order[out++] = scratch[left++]!;
  }
}
