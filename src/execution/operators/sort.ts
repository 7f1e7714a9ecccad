import type { Sort } from '../../planning/physical/node.js';
import type { SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';
import { batchOf, collectSeries } from './collect.js';
import { compareSamples } from './vector-top-k.js';

/** sort and sort_desc: orders the series of an instant vector by value, NaN last; a range result has no order to give. */
export async function* sort(input: Pipeline<SampleBatch>, node: Sort): Pipeline<SampleBatch> {
  const all = await collectSeries(input);
  if (all.length === 0) return;
  const steps = all[0]!.values.length;
  const sign = node.descending ? -1 : 1;
  if (steps === 1) all.sort((a, b) => compareSamples(a.values[0]!, b.values[0]!, sign));
  yield batchOf(all, steps);
}
