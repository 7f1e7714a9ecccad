import type { StateOperation } from './operation.js';
import { sum } from './sum.js';

/** Samples, whatever they are. */
export const count: StateOperation = {
  ...sum,
  start(out, at) {
    out[at] = 1;
  },
};
