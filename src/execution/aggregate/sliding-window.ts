import type { StateOperation } from './operations/operation.js';
import type { PaneGrid } from './pane-grid.js';

/**
 * Aggregates runs of panes that slide forwards, each pane merged a constant number of times whatever the window: the
 * two-stacks algorithm (Tangwongsan et al., "General Incremental Sliding-Window Aggregation", VLDB 2015). The front is
 * a list of suffix aggregates up to `mid`, the back one running aggregate from `mid` on.
 */
export class SlidingWindow {
  readonly #operation: StateOperation;
  readonly #width: number;
  readonly #grid: PaneGrid;
  #suffix = new Float64Array(64);
  readonly #back: Float64Array;
  readonly #sum: Float64Array;

  constructor(operation: StateOperation, grid: PaneGrid) {
    this.#operation = operation;
    this.#width = operation.width;
    this.#grid = grid;
    this.#back = new Float64Array(operation.width);
    this.#sum = new Float64Array(operation.width);
  }

  /**
   * `panes` ascending, `states` their states. Writes the value of every step that has a sample to values[at + step] and
   * marks it in `present`.
   */
  evaluate(panes: Int32Array, states: Float64Array, values: Float64Array, present: Uint8Array, at: number): void {
    const grid = this.#grid;
    const count = panes.length;
    if (this.#suffix.length < count * this.#width) this.#suffix = new Float64Array(count * this.#width * 2);
    let left = 0; // first pane of the window
    let right = 0; // first pane after it
    let mid = 0; // panes before mid are covered by suffixes
    for (let k = Math.max(0, grid.firstWindow(panes[0]!)); k < grid.steps; k++) {
      while (right < count && grid.firstWindow(panes[right]!) <= k) this.#pushBack(states, right++, mid);
      while (left < right && grid.lastWindow(panes[left]!) < k) left++;
      if (left === right) {
        if (right === count) return;
        mid = right;
        continue;
      }
      if (left >= mid) {
        this.#buildSuffixes(states, left, right);
        mid = right;
      }
      values[at + k] = this.#result(left, right > mid);
      present[at + k] = 1;
    }
  }

  #pushBack(states: Float64Array, pane: number, mid: number): void {
    const width = this.#width;
    if (pane === mid) this.#back.set(states.subarray(pane * width, (pane + 1) * width));
    else this.#operation.merge(this.#back, 0, states, pane * width);
  }

  #buildSuffixes(states: Float64Array, left: number, right: number): void {
    const width = this.#width;
    for (let pane = right - 1; pane >= left; pane--) {
      this.#suffix.set(states.subarray(pane * width, (pane + 1) * width), pane * width);
      if (pane < right - 1) this.#operation.merge(this.#suffix, pane * width, this.#suffix, (pane + 1) * width);
    }
  }

  #result(left: number, withBack: boolean): number {
    const width = this.#width;
    for (let i = 0; i < width; i++) this.#sum[i] = this.#suffix[left * width + i]!;
    if (withBack) this.#operation.merge(this.#sum, 0, this.#back, 0);
    return this.#operation.finish(this.#sum, 0);
  }
}
