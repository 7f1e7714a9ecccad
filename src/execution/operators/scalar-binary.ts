import type { ScalarBinary } from '../../planning/physical/node.js';
import type { SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';
import { calculate, isComparison } from './arithmetic.js';

/** Every sample against one number. A comparison without bool keeps the samples it holds for, unchanged (A81). */
export async function* scalarBinary(input: Pipeline<SampleBatch>, node: ScalarBinary): Pipeline<SampleBatch> {
  const filters = isComparison(node.operation) && !node.bool;
  for await (const batch of input) {
    const { values, present } = batch;
    for (let i = 0; i < values.length; i++) {
      if (present[i] === 0) continue;
      const left = node.scalarLeft ? node.scalar : values[i]!;
      const right = node.scalarLeft ? values[i]! : node.scalar;
      const result = calculate(node.operation, left, right);
      if (!filters) values[i] = result;
      else if (result === 0) present[i] = 0;
    }
    yield batch;
  }
}
