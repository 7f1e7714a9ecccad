import type { VectorTopK } from '../../planning/physical/node.js';
import { labelsKey, type SampleBatch } from '../batch/sample-batch.js';
import type { Pipeline } from '../pipeline.js';
import { anyPresent, batchOf, collectSeries, type SeriesView } from './collect.js';
import { groupLabels } from './vector-aggregation.js';

/**
 * topk and bottomk: at each step the k largest (smallest) samples of each group, with their own labels; NaN loses. A
 * single step yields them in order of value, which shows when the query sorts (A79).
 */
export async function* vectorTopK(input: Pipeline<SampleBatch>, node: VectorTopK): Pipeline<SampleBatch> {
  const all = await collectSeries(input);
  if (all.length === 0) return;
  const steps = all[0]!.values.length;
  const groups = new Map<string, SeriesView[]>();
  for (const series of all) {
    const key = labelsKey(groupLabels(series.labels, node.grouping));
    const group = groups.get(key);
    if (group) group.push(series);
    else groups.set(key, [series]);
  }
  const kept: SeriesView[] = all.map(({ labels, values }) => ({ labels, values, present: new Uint8Array(steps) }));
  const place = new Map(all.map((series, i) => [series, i]));
  for (const group of groups.values()) {
    for (let k = 0; k < steps; k++) {
      for (const series of best(group, k, node)) kept[place.get(series)!]!.present[k] = 1;
    }
  }
  const sign = node.operation === 'bottomk' ? 1 : -1;
  if (steps === 1) kept.sort((a, b) => compareSamples(a.values[0]!, b.values[0]!, sign));
  yield batchOf(kept.filter(anyPresent), steps);
}

function best(group: readonly SeriesView[], step: number, { k, operation }: VectorTopK): SeriesView[] {
  const here = group.filter(({ present }) => present[step] === 1);
  if (here.length <= k) return here;
  const sign = operation === 'bottomk' ? 1 : -1;
  return here.sort((a, b) => compareSamples(a.values[step]!, b.values[step]!, sign)).slice(0, k);
}

/** Ascending for sign 1, descending for -1; NaN last either way. */
export function compareSamples(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : a < b ? -sign : sign;
}
