import type { Grouping, VectorAggregation } from '../../planning/physical/node.js';
import type { Labels } from '../../wire/labels.js';
import { labelsKey, type SampleBatch } from '../batch/sample-batch.js';
import { checkMemory } from '../memory.js';
import type { Pipeline } from '../pipeline.js';

/** Labels of the group a series falls into. */
export function groupLabels(labels: Labels, grouping: Grouping): Labels {
  if (grouping.kind === 'none') return [];
  const names = new Set(grouping.columns.map((column) => column.name));
  return labels.filter(([name]) => names.has(name) === (grouping.kind === 'by'));
}

/** Of a group at one step. */
const STATE_BYTES = 3 * Float64Array.BYTES_PER_ELEMENT;

interface Group {
  readonly labels: Labels;
  /** Per step: samples, and the running state (sum; min; max; mean with squared distances). */
  readonly counts: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** sum, avg, min, max, count, stddev and stdvar across series, step by step. No grouping means one group. */
export async function* vectorAggregation(
  input: Pipeline<SampleBatch>,
  node: VectorAggregation,
  memoryBytesMax = Number.POSITIVE_INFINITY,
): Pipeline<SampleBatch> {
  const groups = new Map<string, Group>();
  let steps = 0;
  for await (const batch of input) {
    steps = batch.steps;
    batch.series.forEach((labels, series) => {
      add(node.operation, groupOf(groups, groupLabels(labels, node.grouping), steps), batch, series * steps);
    });
    checkMemory(groups.size * steps * STATE_BYTES, memoryBytesMax);
  }
  if (groups.size > 0) yield finish(node.operation, [...groups.values()], steps);
}

function groupOf(groups: Map<string, Group>, labels: Labels, steps: number): Group {
  const key = labelsKey(labels);
  let group = groups.get(key);
  if (!group) {
    group = {
      labels,
      counts: new Float64Array(steps),
      first: new Float64Array(steps),
      second: new Float64Array(steps),
    };
    groups.set(key, group);
  }
  return group;
}

function add(operation: VectorAggregation['operation'], group: Group, batch: SampleBatch, at: number): void {
  const { counts, first, second } = group;
  for (let k = 0; k < batch.steps; k++) {
    if (batch.present[at + k] === 0) continue;
    const value = batch.values[at + k]!;
    const count = ++counts[k]!;
    switch (operation) {
      case 'sum':
      case 'avg':
        first[k]! += value;
        break;
      case 'min':
        if (count === 1 || value < first[k]! || Number.isNaN(first[k]!)) first[k] = value;
        break;
      case 'max':
        if (count === 1 || value > first[k]! || Number.isNaN(first[k]!)) first[k] = value;
        break;
      case 'stddev':
      case 'stdvar': {
        const delta = value - first[k]!;
        first[k]! += delta / count;
        second[k]! += delta * (value - first[k]!);
        break;
      }
      case 'count':
        break;
    }
  }
}

function finish(operation: VectorAggregation['operation'], groups: readonly Group[], steps: number): SampleBatch {
  const values = new Float64Array(groups.length * steps);
  const present = new Uint8Array(groups.length * steps);
  groups.forEach(({ counts, first, second }, g) => {
    for (let k = 0; k < steps; k++) {
      const count = counts[k]!;
      if (count === 0) continue;
      present[g * steps + k] = 1;
      values[g * steps + k] = result(operation, count, first[k]!, second[k]!);
    }
  });
  return { series: groups.map((group) => group.labels), steps, values, present };
}

function result(operation: VectorAggregation['operation'], count: number, first: number, second: number): number {
  switch (operation) {
    case 'sum':
    case 'min':
    case 'max':
      return first;
    case 'avg':
      return first / count;
    case 'count':
      return count;
    case 'stdvar':
      return second / count;
    case 'stddev':
      return Math.sqrt(second / count);
  }
}
