import type { StateOperation } from './operation.js';

/** Counts and byte sums too: what is added up is decided where samples are made. */
export const sum: StateOperation = {
  kind: 'states',
  width: 1,
  start(out, at, value) {
    out[at] = value;
  },
  merge(into, i, from, f) {
    into[i]! += from[f]!;
  },
  finish: (state, at) => state[at]!,
};
