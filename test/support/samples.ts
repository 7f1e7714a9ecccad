/** Sample batches from plain numbers and back. */
import type { SampleBatch } from '../../src/execution/batch/sample-batch.js';
import { emptySamples } from '../../src/execution/batch/sample-batch.js';
import type { Pipeline } from '../../src/execution/pipeline.js';
import type { Node } from '../../src/planning/physical/node.js';
import { formatLabels, labelsOf } from '../../src/wire/labels.js';

/** Labels with a value a step; null where there is no sample. */
export type Series = readonly [labels: Readonly<Record<string, string>>, ...values: (number | null)[]];

/** What operators under test take for their input node; never looked at. */
export const INPUT: Node = { kind: 'source', slot: 0 };

export function samplesOf(series: readonly Series[]): SampleBatch {
  const steps = (series[0]?.length ?? 1) - 1;
  const batch = emptySamples(
    series.map(([labels]) => labelsOf(labels)),
    steps,
  );
  series.forEach(([, ...values], s) => {
    values.forEach((value, k) => {
      if (value === null) return;
      batch.values[s * steps + k] = value;
      batch.present[s * steps + k] = 1;
    });
  });
  return batch;
}

/** Each array becomes a batch; empty ones, which would not know their steps, are left out. */
export async function* input(...batches: (readonly Series[])[]): Pipeline<SampleBatch> {
  for (const batch of batches) if (batch.length > 0) yield samplesOf(batch);
}

/** Reads to the end: `[label text, ...values]`, in order. */
export async function output(pipeline: Pipeline<SampleBatch>): Promise<[string, ...(number | null)[]][]> {
  const all: [string, ...(number | null)[]][] = [];
  for await (const { series, steps, values, present } of pipeline) {
    series.forEach((labels, s) => {
      const own = Array.from({ length: steps }, (_, k) =>
        present[s * steps + k] === 1 ? values[s * steps + k]! : null,
      );
      all.push([formatLabels(labels), ...own]);
    });
  }
  return all;
}

/** The same, sorted: for operators that promise no order. */
export async function sortedOutput(pipeline: Pipeline<SampleBatch>): Promise<[string, ...(number | null)[]][]> {
  return (await output(pipeline)).sort(([a], [b]) => (a < b ? -1 : 1));
}
