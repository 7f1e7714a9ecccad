/** What is left is sorted when it is so little, or where pivots were so bad that this takes too long. */
const SORTED_MAX = 32;

/**
 * Puts the n-th smallest of `values` (from `first` on; no NaN among these) where sorting would put it, with none larger before and
 * none smaller behind it (quickselect, Hoare 1961; it sorts after too many rounds, as introselect does, Musser 1997).
 */
export function placeNth(values: Float64Array, n: number, first = 0): void {
  let [low, high] = [first, values.length - 1];
  for (let rounds = 2 * Math.ceil(Math.log2(values.length + 1)); low < high; rounds--) {
    if (rounds === 0 || high - low < SORTED_MAX) {
      values.subarray(low, high + 1).sort();
      return;
    }
    const pivot = medianOf(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const value = values[left]!;
      values[left++] = values[right]!;
      values[right--] = value;
    }
    if (n <= right) high = right;
    else if (n >= left) low = left;
    else return;
  }
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
