import type { Labels } from '../../wire/labels.js';

/**
 * Samples of some series at every step of the query: series s at step k has `values[s * steps + k]` where `present` is
 * 1. A series is whole in one batch, and no two batches of a pipeline hold the same series.
 */
export interface SampleBatch {
  readonly series: readonly Labels[];
  readonly steps: number;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export function emptySamples(series: readonly Labels[], steps: number): SampleBatch {
  const cells = series.length * steps;
  return { series, steps, values: new Float64Array(cells), present: new Uint8Array(cells) };
}

/** Identity of a label set: equal exactly for equal sets. */
export function labelsKey(labels: Labels): string {
  return JSON.stringify(labels);
}

export function labelsFromKey(key: string): Labels {
  return JSON.parse(key) as Labels;
}

/** The evaluation times of a query. */
export interface StepGrid {
  readonly start: bigint;
  readonly stepNs: number;
  readonly steps: number;
}

export function stepGrid(start: bigint, end: bigint, stepNs: number): StepGrid {
  return { start, stepNs, steps: stepNs === 0 ? 1 : Math.floor(Number(end - start) / stepNs) + 1 };
}
