import type { Grouping, VectorAggregation } from '../../planning/physical/node.js';
import type { Labels } from '../../wire/labels.js';
import type { StateOperation } from '../aggregate/operations/operation.js';
import { VECTOR_OPERATIONS } from '../aggregate/operations/table.js';
import { labelsKey, type SampleBatch } from '../batch/sample-batch.js';
import { checkMemory } from '../memory.js';
import type { Pipeline } from '../pipeline.js';

/** Labels of the group a series falls into. Empty ones stay where they are named, as in Loki. */
export function groupLabels(labels: Labels, grouping: Grouping): Labels {
  if (grouping.kind === 'none') return [];
  const names = new Set(grouping.columns.map((column) => column.name));
  if (grouping.kind === 'by') return labels.filter(([name]) => names.has(name));
  return labels.filter(([name, value]) => value !== '' && !names.has(name));
}

interface Group {
  readonly labels: Labels;
  /** Per step: whether it has a sample, and the state of those it has. */
  readonly present: Uint8Array;
  readonly states: Float64Array;
}

/** sum, avg, min, max, count, stddev and stdvar across series, step by step. No grouping means one group. */
export async function* vectorAggregation(
  input: Pipeline<SampleBatch>,
  node: VectorAggregation,
  memoryBytesMax = Number.POSITIVE_INFINITY,
): Pipeline<SampleBatch> {
  const operation = VECTOR_OPERATIONS[node.operation];
  const bytesPerStep = operation.width * Float64Array.BYTES_PER_ELEMENT + 1;
  const groups = new Map<string, Group>();
  let steps = 0;
  for await (const batch of input) {
    steps = batch.steps;
    batch.series.forEach((labels, series) => {
      add(
        operation,
        groupOf(groups, groupLabels(labels, node.grouping), steps, operation.width),
        batch,
        series * steps,
      );
    });
    checkMemory(groups.size * steps * bytesPerStep, memoryBytesMax);
  }
  if (groups.size > 0) yield finish(operation, [...groups.values()], steps);
}

function groupOf(groups: Map<string, Group>, labels: Labels, steps: number, width: number): Group {
  const key = labelsKey(labels);
  let group = groups.get(key);
  if (!group) {
    group = { labels, present: new Uint8Array(steps), states: new Float64Array(steps * width) };
    groups.set(key, group);
  }
  return group;
}

function add(operation: StateOperation, { present, states }: Group, batch: SampleBatch, at: number): void {
  const { width } = operation;
  const one = new Float64Array(width);
  for (let k = 0; k < batch.steps; k++) {
    if (batch.present[at + k] === 0) continue;
    const value = batch.values[at + k]!;
    if (present[k] === 0) {
      present[k] = 1;
      operation.start(states, k * width, value, 0);
    } else {
      operation.start(one, 0, value, 0);
      operation.merge(states, k * width, one, 0);
    }
  }
}

function finish(operation: StateOperation, groups: readonly Group[], steps: number): SampleBatch {
  const values = new Float64Array(groups.length * steps);
  const present = new Uint8Array(groups.length * steps);
  groups.forEach((group, g) => {
    present.set(group.present, g * steps);
    for (let k = 0; k < steps; k++) {
      if (group.present[k] === 1) values[g * steps + k] = operation.finish(group.states, k * operation.width);
    }
  });
  return { series: groups.map((group) => group.labels), steps, values, present };
}
