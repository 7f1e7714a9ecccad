import type { RangeOperation } from '../../planning/physical/node.js';

/** Operations whose state over a set of samples can be merged with that of another set. */
export type MergeableOperation = Exclude<RangeOperation, 'quantile' | 'rate_counter'>;

/** Number of float64 columns of a state. */
export function stateWidth(operation: MergeableOperation): number {
  switch (operation) {
    case 'count':
    case 'absent':
    case 'bytes':
    case 'sum':
    case 'min':
    case 'max':
      return 1;
    case 'avg': // sum, count
    case 'first': // time, value
    case 'last':
      return 2;
    case 'stddev': // count, mean, sum of squared distances (Welford 1962)
    case 'stdvar':
      return 3;
  }
}

/** The state of one sample. `time` is any number that grows with time. */
export function stateOf(
  operation: MergeableOperation,
  value: number,
  time: number,
  out: Float64Array,
  at: number,
): void {
  switch (operation) {
    case 'avg':
      out[at] = value;
      out[at + 1] = 1;
      return;
    case 'first':
    case 'last':
      out[at] = time;
      out[at + 1] = value;
      return;
    case 'stddev':
    case 'stdvar':
      out[at] = 1;
      out[at + 1] = value;
      out[at + 2] = 0;
      return;
    default:
      out[at] = value;
  }
}

/** into := into merged with from, where `from` holds the later samples. */
export function mergeState(
  operation: MergeableOperation,
  into: Float64Array,
  i: number,
  from: Float64Array,
  f: number,
): void {
  switch (operation) {
    case 'count':
    case 'absent':
    case 'bytes':
    case 'sum':
      into[i]! += from[f]!;
      return;
    case 'min':
      if (from[f]! < into[i]! || Number.isNaN(into[i]!)) into[i] = from[f]!;
      return;
    case 'max':
      if (from[f]! > into[i]! || Number.isNaN(into[i]!)) into[i] = from[f]!;
      return;
    case 'avg':
      into[i]! += from[f]!;
      into[i + 1]! += from[f + 1]!;
      return;
    case 'first':
      if (from[f]! >= into[i]!) return;
      into[i] = from[f]!;
      into[i + 1] = from[f + 1]!;
      return;
    case 'last':
      if (from[f]! < into[i]!) return;
      into[i] = from[f]!;
      into[i + 1] = from[f + 1]!;
      return;
    case 'stddev':
    case 'stdvar':
      return mergeMoments(into, i, from, f);
  }
}

/** Chan, Golub & LeVeque (1979): pairwise combination of means and squared distances. */
function mergeMoments(into: Float64Array, i: number, from: Float64Array, f: number): void {
  const n = into[i]!;
  const m = from[f]!;
  const delta = from[f + 1]! - into[i + 1]!;
  const total = n + m;
  into[i] = total;
  into[i + 1]! += (delta * m) / total;
  into[i + 2]! += from[f + 2]! + (delta * delta * n * m) / total;
}

/** The result of a state that covers at least one sample. */
export function finishState(operation: MergeableOperation, state: Float64Array, at: number): number {
  switch (operation) {
    case 'avg':
      return state[at]! / state[at + 1]!;
    case 'first':
    case 'last':
      return state[at + 1]!;
    case 'stdvar':
      return state[at + 2]! / state[at]!;
    case 'stddev':
      return Math.sqrt(state[at + 2]! / state[at]!);
    default:
      return state[at]!;
  }
}
