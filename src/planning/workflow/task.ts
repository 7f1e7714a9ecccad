/** A workflow: the plan cut into tasks, joined by streams. Plain data; ids are given by the caller's id source. */
import type { TimeRange } from '../../wire/time.js';
import type { Node } from '../physical/node.js';

/** A stream of batches: exactly one sender, one receiver. */
export type StreamId = string;
export type TaskId = string;

export interface Task {
  readonly id: TaskId;
  /** The operators this task runs; its leaves are a scan, constants, or `source` slots. */
  readonly fragment: Node;
  /** Streams read, grouped by the slot of the fragment they feed (left and right of a join differ). */
  readonly sources: readonly (readonly StreamId[])[];
  readonly sink: StreamId;
  /** Bounds of the data of a scan task; undefined on others. */
  readonly maxTimeRange?: TimeRange;
  readonly scan: boolean;
  /** Estimated bytes to read; 0 on non-scan tasks. */
  readonly cost: number;
  /** The section that a scan task reads. */
  readonly affinity?: string;
  /** So small that to hand it to a thread takes a large part of what it takes to run it. */
  readonly inPlace: boolean;
  /** It is likely to find all rows that are wanted: other scans wait for it. */
  readonly ahead?: true;
}

export interface Workflow {
  /** Children before parents. */
  readonly tasks: readonly Task[];
  /** Carries the result of the root task to the caller. */
  readonly results: StreamId;
}
