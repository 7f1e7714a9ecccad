import type { Node } from './node.js';
import { aggregationSplit } from './passes/aggregation-split.js';
import { groupByPushdown } from './passes/group-by-pushdown.js';
import { lateProjection } from './passes/late-projection.js';
import { limitPushdown } from './passes/limit-pushdown.js';
import { limitRange } from './passes/limit-range.js';
import { parallelPushdown } from './passes/parallel-pushdown.js';
import type { Pass } from './passes/pass.js';
import { predicatePushdown } from './passes/predicate-pushdown.js';
import { projectionPushdown } from './passes/projection-pushdown.js';

/** In this order: what filters leave behind decides what is projected late and how far a limit sinks, and groupings decide what is projected. */
export const PASSES: readonly Pass[] = [
  predicatePushdown,
  lateProjection,
  limitPushdown,
  limitRange,
  groupByPushdown,
  projectionPushdown,
  parallelPushdown,
  aggregationSplit,
];

/** Each pass runs until it changes nothing, and never more often than this. */
const ITERATIONS_MAX = 10;

export interface Fired {
  readonly pass: string;
  /** Runs that changed the plan. */
  readonly iterations: number;
}

export interface Optimized {
  readonly plan: Node;
  /** Passes that changed something, in order. */
  readonly fired: readonly Fired[];
}

export function optimize(plan: Node, passes: readonly Pass[] = PASSES): Optimized {
  const fired: Fired[] = [];
  let current = plan;
  for (const pass of passes) {
    let iterations = 0;
    for (; iterations < ITERATIONS_MAX; iterations++) {
      const next = pass.run(current);
      if (next === current) break;
      current = next;
    }
    if (iterations > 0) fired.push({ pass: pass.name, iterations });
  }
  return { plan: current, fired };
}
