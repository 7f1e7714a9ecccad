import { NUMBER_COLUMNS } from '../../storage/dataobj/logs/number-slots.js';
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
  /** What it reads of lines of a shape; absent = nothing is known. */
  reads?: LineReader;
}

/** What is read of a line: bit n is its n-th number, as far as there are columns of them; LINE: any of it. */
export type Reads = number;
export const LINE: Reads = 1 << NUMBER_COLUMNS;

/** What may be read of lines of the shape. */
export type LineReader = (shapes: Shapes, shape: number) => Reads;
