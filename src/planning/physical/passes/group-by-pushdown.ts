/**
 * A range aggregation without grouping takes that of the vector aggregation around it, so that it keeps a few series
 * instead of one per label set. The answer stays the same because the sum of sums (of counts, of bytes, of a rate) over
 * a partition is the sum over the whole, and so with the least of the least and the greatest of the greatest; not so
 * with averages. A division by a constant, as in a rate, does not disturb a sum.
 */
import type { Node, RangeAggregation, ScalarBinary, VectorAggregation } from '../node.js';
import { rewriteUp, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const groupByPushdown: Pass = {
  name: 'group-by-pushdown',
  run: (plan) => rewriteUp(plan, (node) => (node.kind === 'vector-aggregation' ? pushGrouping(node) : node)),
};

function pushGrouping(aggregation: VectorAggregation): Node {
  const { input, operation } = aggregation;
  if (input.kind === 'range-aggregation' && combines(operation, input.operation)) {
    return withInput(aggregation, regroup(input, aggregation));
  }
  if (operation !== 'sum' || !isDivision(input) || input.input.kind !== 'range-aggregation') return aggregation;
  if (!combines(operation, input.input.operation)) return aggregation;
  return withInput(aggregation, withInput(input, regroup(input.input, aggregation)));
}

function combines(outer: VectorAggregation['operation'], inner: RangeAggregation['operation']): boolean {
  if (outer === 'sum') return inner === 'count' || inner === 'bytes' || inner === 'sum';
  return (outer === 'min' || outer === 'max') && inner === outer;
}

function isDivision(node: Node): node is ScalarBinary {
  return node.kind === 'scalar-binary' && node.operation === 'DIV' && !node.scalarLeft && node.scalar !== 0;
}

/** Once it has a grouping it is left alone: that one says which series exist. */
function regroup(range: RangeAggregation, { grouping }: VectorAggregation): RangeAggregation {
  const keepsAll = grouping.kind === 'none' || (grouping.kind === 'without' && grouping.columns.length === 0);
  return keepsAll || range.grouping.kind !== 'none' ? range : { ...range, grouping };
}
