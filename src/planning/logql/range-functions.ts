import type { RangeOp } from './ast.js';

/** What a range function may be combined with (A23). */
export interface RangeFunction {
  /** Over the samples of `| unwrap`, over log lines, or over either. */
  readonly over: 'samples' | 'lines' | 'either';
  readonly grouping: boolean;
  readonly parameter: boolean;
  /** The series that a `sum` around it adds up are those of the sum's grouping, so only the labels in it are wanted. */
  readonly summable: boolean;
}

const LINES: RangeFunction = { over: 'lines', grouping: false, parameter: false, summable: true };
const SAMPLES: RangeFunction = { over: 'samples', grouping: true, parameter: false, summable: false };

/** Every range function by name. A new one goes here and wherever the compiler says. */
export const RANGE_FUNCTIONS: Readonly<Record<RangeOp, RangeFunction>> = {
  count_over_time: LINES,
  rate: { ...LINES, over: 'either' },
  rate_counter: { ...SAMPLES, grouping: false },
  bytes_over_time: LINES,
  bytes_rate: LINES,
  sum_over_time: { ...SAMPLES, grouping: false, summable: true },
  avg_over_time: SAMPLES,
  min_over_time: SAMPLES,
  max_over_time: SAMPLES,
  stddev_over_time: SAMPLES,
  stdvar_over_time: SAMPLES,
  quantile_over_time: { ...SAMPLES, parameter: true },
  first_over_time: SAMPLES,
  last_over_time: SAMPLES,
  absent_over_time: { ...LINES, over: 'either', summable: false },
};
