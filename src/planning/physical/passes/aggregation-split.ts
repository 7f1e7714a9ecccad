/**
 * A range aggregation over Parallelize becomes two: below, one per scan target that folds its rows into states, above,
 * one that merges the states. The answer stays the same because each state is the whole of what the operation needs to
 * know of its rows (a sum, a sum and a count, the moments, the earliest sample, or all samples), and merging states of
 * disjoint sets of rows gives the state of their union.
 */
import type { Node } from '../node.js';
import { rewriteUp } from '../tree.js';
import type { Pass } from './pass.js';

export const aggregationSplit: Pass = { name: 'aggregation-split', run: (plan) => rewriteUp(plan, split) };

function split(node: Node): Node {
  if (node.kind !== 'range-aggregation' || node.mode !== 'single' || node.input.kind !== 'parallelize') return node;
  const partial: Node = { ...node, mode: 'partial', input: node.input.input };
  return { ...node, mode: 'final', input: { kind: 'parallelize', input: partial } };
}
