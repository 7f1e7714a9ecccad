import type { StateOperation } from './operation.js';

/** Sum and count. */
export const avg: StateOperation = {
  kind: 'states',
  width: 2,
  start(out, at, value) {
    out[at] = value;
    out[at + 1] = 1;
  },
  merge(into, i, from, f) {
    into[i]! += from[f]!;
    into[i + 1]! += from[f + 1]!;
  },
  finish: (state, at) => state[at]! / state[at + 1]!,
};
