import type { Absent, VectorConstant } from '../../planning/physical/node.js';
import { emptySamples, type SampleBatch, stepGrid } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';

/** `vector(n)`: one series without labels. */
export async function* vectorConstant(node: VectorConstant): Pipeline<SampleBatch> {
  const batch = emptySamples([[]], stepGrid(node.start, node.end, node.stepNs).steps);
  batch.values.fill(node.value);
  batch.present.fill(1);
  yield batch;
}

/** absent_over_time: 1 wherever no series of the input has a sample. */
export async function* absent(input: Pipeline<SampleBatch>, node: Absent): Pipeline<SampleBatch> {
  const { steps } = stepGrid(node.start, node.end, node.stepNs);
  const batch = emptySamples([node.labels], steps);
  batch.values.fill(1);
  batch.present.fill(1);
  for await (const { series, present } of input) {
    for (let s = 0; s < series.length; s++) {
      for (let k = 0; k < steps; k++) if (present[s * steps + k] === 1) batch.present[k] = 0;
    }
  }
  if (batch.present.includes(1)) yield batch;
}
