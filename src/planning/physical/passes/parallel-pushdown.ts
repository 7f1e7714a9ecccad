/**
 * Row operators move below Parallelize, where they run once per scan target, and a TopK leaves a copy of itself there.
 * The answer stays the same because a row-wise operator does not care which other rows are near, and the first k rows
 * of a union are among the first k of its parts. Not so with a sampling interval, which compares rows of all parts.
 */
import type { Node, Parallelize } from '../node.js';
import { rewriteUp, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const parallelPushdown: Pass = { name: 'parallel-pushdown', run: (plan) => rewriteUp(plan, push) };

function push(node: Node): Node {
  switch (node.kind) {
    case 'filter':
    case 'projection':
    case 'preselect':
    case 'column-compat': {
      const { input } = node;
      return input.kind === 'parallelize' ? withInput(input, withInput(node, input.input)) : node;
    }
    case 'top-k': {
      const { input } = node;
      if (input.kind !== 'parallelize' || input.input.kind === 'top-k' || node.intervalNs > 0) return node;
      const copied: Parallelize = withInput(input, withInput(node, input.input));
      return withInput(node, copied);
    }
    default:
      return node;
  }
}
