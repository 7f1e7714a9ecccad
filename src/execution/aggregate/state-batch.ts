import type { Labels } from '../../wire/labels.js';

/**
 * What a partial range aggregation sends: per row a series, its pane and the mergeable state of the samples there; or,
 * for operations that need every sample (quantile, rate_counter), one row a sample.
 */
export interface StateBatch {
  readonly labels: readonly Labels[];
  readonly rows: number;
  readonly series: Int32Array;
  /** Pane numbers; those of samples with a time are not looked at. */
  readonly panes: Int32Array;
  /** rows x width values, row after row: a state, or (time on the axis in ns, value), or a value. */
  readonly states: Float64Array;
  readonly width: number;
}
