import type { LogBatch } from '../batch/log-batch.js';
import type { RowStep } from '../functions/row-step.js';

/** Keeps the rows that survive the steps; columns, errors and lines that the steps set are forgotten. */
export function preselect(batch: LogBatch, steps: readonly RowStep[]): void {
  const trial = batch.fork();
  for (const step of steps) {
    if (trial.count === 0) break;
    step(trial);
  }
  batch.selection = trial.selection;
  batch.count = trial.count;
}
