import { sortIndices } from '../../wire/sort-indices.js';
import type { ValueOperation } from './operations/operation.js';
import type { PaneGrid } from './pane-grid.js';

/** The values of one series, those of a pane one after the other. */
interface ValuesByPane {
  /** Ascending, without those that have no value. */
  readonly panes: Int32Array;
  /** Pane i has values starts[i]..starts[i+1]. */
  readonly starts: Int32Array;
  readonly values: Float64Array;
}

/**
 * Evaluates the windows of a series over all of its values, value i being in pane panes[i]. Writes the result of every step that
 * has one to results[at + step] and marks it in `present`. `check` is called every now and then.
 */
export function evaluateValues(
  { operation, parameter }: { operation: ValueOperation; parameter: number },
  grid: PaneGrid,
  input: { readonly panes: Int32Array; readonly values: Float64Array },
  out: { readonly values: Float64Array; readonly present: Uint8Array },
  at: number,
  check: () => void,
): void {
  const { panes, starts, values } = sortByPane(input.panes, input.values);
  const window = operation.over(values, parameter);
  let left = 0;
  let right = 0;
  for (let k = Math.max(0, grid.firstWindow(panes[0]!)); k < grid.steps; k++) {
    if (k % STEPS_BETWEEN_CHECKS === 0) check();
    while (right < panes.length && grid.firstWindow(panes[right]!) <= k) right++;
    while (left < right && grid.lastWindow(panes[left]!) < k) left++;
    if (left === right) {
      if (right === panes.length) return;
      continue;
    }
    out.values[at + k] = window.evaluate(starts[left]!, starts[right]!);
    out.present[at + k] = 1;
  }
}

const STEPS_BETWEEN_CHECKS = 64;
const PANES_PER_VALUE_MAX = 4;

function sortByPane(paneOf: Int32Array, values: Float64Array): ValuesByPane {
  const order = orderByPane(paneOf);
  const sorted = new Float64Array(values.length);
  const panes: number[] = [];
  const starts: number[] = [];
  for (let i = 0; i < order.length; i++) {
    const slot = order[i]!;
    sorted[i] = values[slot]!;
    if (i > 0 && paneOf[slot] === panes[panes.length - 1]) continue;
    panes.push(paneOf[slot]!);
    starts.push(i);
  }
  starts.push(order.length);
  return { panes: Int32Array.from(panes), starts: Int32Array.from(starts), values: sorted };
}

/** A counting sort, unless the panes lie so far apart that it would take more time and memory than another. */
function orderByPane(paneOf: Int32Array): Int32Array {
  const order = new Int32Array(paneOf.length);
  let min = paneOf[0]!;
  let max = min;
  for (let i = 0; i < paneOf.length; i++) {
    order[i] = i;
    if (paneOf[i]! < min) min = paneOf[i]!;
    if (paneOf[i]! > max) max = paneOf[i]!;
  }
  if (max - min > PANES_PER_VALUE_MAX * paneOf.length) {
    sortIndices(order, 0, order.length, Float64Array.from(paneOf));
    return order;
  }
  const next = new Int32Array(max - min + 2);
  for (let i = 0; i < paneOf.length; i++) next[paneOf[i]! - min + 1]!++;
  for (let pane = 1; pane < next.length; pane++) next[pane] = next[pane]! + next[pane - 1]!;
  for (let i = 0; i < paneOf.length; i++) order[next[paneOf[i]! - min]!++] = i;
  return order;
}
