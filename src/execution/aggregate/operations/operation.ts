/** What a range or vector aggregation computes over a set of samples. */
import { unreachable } from '../../../wire/exhaustive.js';

/**
 * A state of `width` float64 values stands for all samples it has seen; states of disjoint sets merge into that of their
 * union, so panes, scan targets and processes can be combined in any grouping.
 */
export interface StateOperation {
  readonly kind: 'states';
  readonly width: number;
  /** The first value of a state is the time of a sample. */
  readonly timed?: true;
  /** The state of one sample. `time` is any number that grows with time. */
  start(out: Float64Array, at: number, value: number, time: number): void;
  /** into := into merged with from, where `from` holds the later samples. */
  merge(into: Float64Array, i: number, from: Float64Array, f: number): void;
  /** The result of a state that covers at least one sample. */
  finish(state: Float64Array, at: number): number;
}

/** Needs all samples of a window. */
export interface SampleOperation {
  readonly kind: 'samples';
  /** Over the samples of one series in time order; times in ns. `parameter` is that of the query. */
  over(times: Float64Array, values: Float64Array, parameter: number): Window;
}

/** Needs all values of a window, whenever they were. */
export interface ValueOperation {
  readonly kind: 'values';
  /** Over the values of one series, those of a window one after the other. `parameter` is that of the query. */
  over(values: Float64Array, parameter: number): ValueWindow;
}

export interface ValueWindow {
  /** The result over values [from, to), at least one. Neither bound ever goes back. */
  evaluate(from: number, to: number): number;
}

export interface Window {
  /** The result over samples [from, to), at least one, of the window (start, end]. Neither bound ever goes back. */
  evaluate(from: number, to: number, start: number, end: number): number;
}

export type Operation = StateOperation | SampleOperation | ValueOperation;

/** Whether it makes a difference when a sample was, besides in which windows. */
export function looksAtTimes(operation: Operation): boolean {
  return operation.kind === 'samples' || (operation.kind === 'states' && operation.timed === true);
}

/** How many values a row takes on its way. A sample is its time and its value. */
export function rowWidth(operation: Operation): number {
  switch (operation.kind) {
    case 'states':
      return operation.width;
    case 'samples':
      return 2;
    case 'values':
      return 1;
    default:
      return unreachable(operation);
  }
}
