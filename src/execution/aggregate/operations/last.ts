import type { StateOperation } from './operation.js';

/** Time and value of the latest sample; of equal times the one that came last. */
export const last: StateOperation = {
  kind: 'states',
  width: 2,
  timed: true,
  start(out, at, value, time) {
    out[at] = time;
    out[at + 1] = value;
  },
  merge(into, i, from, f) {
    if (from[f]! < into[i]!) return;
    into[i] = from[f]!;
    into[i + 1] = from[f + 1]!;
  },
  finish: (state, at) => state[at + 1]!,
};
