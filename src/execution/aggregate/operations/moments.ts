import type { StateOperation } from './operation.js';

/**
 * Count, mean and sum of squared distances from it. Merged pairwise (Chan, Golub & LeVeque, 1979), which for a single
 * sample is the method of Welford (1962).
 */
export const moments: Omit<StateOperation, 'finish'> = {
  kind: 'states',
  width: 3,
  start(out, at, value) {
    out[at] = 1;
    out[at + 1] = value;
    out[at + 2] = value - value; // of a NaN or an infinity there is no spread
  },
  merge(into, i, from, f) {
    const n = into[i]!;
    const m = from[f]!;
    const mean = from[f + 1]!;
    const delta = mean - into[i + 1]!;
    into[i] = n + m;
    into[i + 1]! += (delta * m) / (n + m);
    into[i + 2]! += from[f + 2]! + delta * (mean - into[i + 1]!) * m; // no number where one of the means is infinite
  },
};

/** Across series a single sample has no spread whatever it is, as in Loki. */
export const startAcross: StateOperation['start'] = (out, at, value) => {
  out[at] = 1;
  out[at + 1] = value;
  out[at + 2] = 0;
};
