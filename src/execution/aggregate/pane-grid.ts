import { isAligned } from '../../planning/physical/counted.js';
import type { RangeAggregation } from '../../planning/physical/node.js';
import { stepGrid } from '../batch/sample-batch.js';

/**
 * Windows cut into panes (Li et al., "No Pane, No Gain", 2005): the stretches between two neighbouring window bounds.
 * Every sample of a pane is in exactly the same windows, so a row is added to one pane, and a window is a run of panes:
 * cost follows rows, not rows x range / step. Window k covers (k*step - range, k*step] on an axis whose zero is the
 * query's start minus the offset; there are at most two panes a step.
 *
 * A pane has a first and a last window; both only grow along the axis, so their sum numbers the panes, and as they
 * differ by one of two neighbouring amounts, the parity of the sum tells which.
 */
export class PaneGrid {
  readonly steps: number;
  /** ns of the axis' zero. */
  readonly origin: bigint;
  readonly #node: Pick<RangeAggregation, 'start' | 'stepNs' | 'rangeNs' | 'offsetNs'>;
  readonly #step: number;
  readonly #range: number;
  readonly #span: number;
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  #pane = 0;
  #inside = false;

  constructor(node: Pick<RangeAggregation, 'start' | 'end' | 'stepNs' | 'rangeNs' | 'offsetNs'>) {
    this.#node = node;
    this.steps = stepGrid(node.start, node.end, node.stepNs).steps;
    this.origin = node.start - BigInt(node.offsetNs);
    this.#range = node.rangeNs;
    this.#step = node.stepNs === 0 ? Math.max(node.rangeNs, 1) : node.stepNs;
    this.#span = Math.ceil(this.#range / this.#step) - 1;
  }

  /** True when `x` (ns on the axis) is in some window; `pane` then says which pane. */
  locate(x: number): boolean {
    if (x > this.#low && x <= this.#high) return this.#inside;
    const first = ceilDivide(x, this.#step);
    const last = ceilDivide(x + this.#range, this.#step) - 1;
    this.#low = Math.max((first - 1) * this.#step, last * this.#step - this.#range);
    this.#high = Math.min(first * this.#step, (last + 1) * this.#step - this.#range);
    this.#inside = last >= first && last >= 0 && first < this.steps;
    this.#pane = first + last;
    return this.#inside;
  }

  /** True when all bounds of windows are multiples of `width` (ns) since the epoch. */
  isAlignedTo(width: number): boolean {
    return isAligned(this.#node, width);
  }

  /** The pane of the last successful `locate`. */
  get pane(): number {
    return this.#pane;
  }

  /** True when every sample in [from, to] would fall into the pane last located. */
  covers(from: number, to: number): boolean {
    return from > this.#low && to <= this.#high;
  }

  firstWindow(pane: number): number {
    return (pane - this.#width(pane)) / 2;
  }

  lastWindow(pane: number): number {
    return (pane + this.#width(pane)) / 2;
  }

  /** Windows of the pane minus one: the span or, on the other parity, one less. */
  #width(pane: number): number {
    return (pane - this.#span) % 2 === 0 ? this.#span : this.#span - 1;
  }
}

/** Exact for safe integers: the quotient of two doubles may round across an integer, so it is corrected. */
function ceilDivide(x: number, step: number): number {
  const quotient = Math.ceil(x / step);
  if ((quotient - 1) * step >= x) return quotient - 1;
  return quotient * step < x ? quotient + 1 : quotient;
}
