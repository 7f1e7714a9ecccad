import { moments } from './moments.js';
import type { StateOperation } from './operation.js';

/** Population standard deviation. */
export const stddev: StateOperation = { ...moments, finish: (state, at) => Math.sqrt(state[at + 2]! / state[at]!) };
