import type { StateOperation } from './operation.js';

/** NaN gives way to any number, as in Prometheus. */
export const max: StateOperation = {
  kind: 'states',
  width: 1,
  start(out, at, value) {
    out[at] = value;
  },
  merge(into, i, from, f) {
    if (from[f]! > into[i]! || Number.isNaN(into[i]!)) into[i] = from[f]!;
  },
  finish: (state, at) => state[at]!,
};
