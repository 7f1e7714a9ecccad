import { moments } from './moments.js';
import type { StateOperation } from './operation.js';

/** Population variance. */
export const stdvar: StateOperation = { ...moments, finish: (state, at) => state[at + 2]! / state[at]! };
