import type { LogBatch } from '../batch/log-batch.js';

/** A compiled row function: changes columns of the rows alive, and may shrink the selection. Compiled once per task. */
export type RowStep = (batch: LogBatch) => void;
