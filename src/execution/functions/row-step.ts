import type { Shapes } from '../../storage/dataobj/types.js';
import type { LogBatch } from '../batch/log-batch.js';

/** What row functions need from their task. */
export interface FunctionContext {
  /** The query's one `now`, in ns. */
  readonly now: bigint;
  /** Throws when the task has been cancelled; slow loops call it every `CHECKPOINT_ROWS`. */
  readonly checkpoint: () => void;
}

/** Rows between two looks at whether anybody still wants them: a power of two. */
export const CHECKPOINT_ROWS = 256;

export function isCheckpoint(i: number): boolean {
  return (i & (CHECKPOINT_ROWS - 1)) === CHECKPOINT_ROWS - 1;
}

/** A compiled row function: changes columns of the rows alive, and may shrink the selection. Compiled once per task. */
export interface RowStep {
  (batch: LogBatch): void;
  /** Whether it reads lines of a shape; absent = nothing is known. */
  readsLine?: LineReader;
}

/** Whether lines of the shape may be read. */
export type LineReader = (shapes: Shapes, shape: number) => boolean;
