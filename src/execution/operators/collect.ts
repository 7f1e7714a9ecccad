import type { Labels } from '../../wire/labels.js';
import { emptySamples, type SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';

/** One series cut out of a batch. */
export interface SeriesView {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export function seriesOf(batch: SampleBatch): SeriesView[] {
  const { steps } = batch;
  return batch.series.map((labels, s) => ({
    labels,
    values: batch.values.subarray(s * steps, (s + 1) * steps),
    present: batch.present.subarray(s * steps, (s + 1) * steps),
  }));
}

/** Reads a pipeline to its end: for operators that must see every series before the first result. */
export async function collectSeries(input: Pipeline<SampleBatch>): Promise<SeriesView[]> {
  const all: SeriesView[] = [];
  for await (const batch of input) for (const series of seriesOf(batch)) all.push(series);
  return all;
}

export function batchOf(series: readonly SeriesView[], steps: number): SampleBatch {
  const batch = emptySamples(
    series.map(({ labels }) => labels),
    steps,
  );
  series.forEach(({ values, present }, s) => {
    batch.values.set(values, s * steps);
    batch.present.set(present, s * steps);
  });
  return batch;
}

/** True when the series has a sample at any step. */
export function anyPresent({ present }: { readonly present: Uint8Array }): boolean {
  return present.includes(1);
}
