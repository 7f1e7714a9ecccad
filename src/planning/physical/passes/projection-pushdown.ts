/**
 * Metric queries name the columns they need, parsers the labels, and functions whose result nobody sees go. The answer
 * stays the same because a range aggregation looks at nothing but its value, its time and the labels of its grouping,
 * and an operator at what its expressions mention; a parser goes only where it would not start (A53) or cannot fail.
 * Log queries return all columns, so nothing can be left out there.
 */
import { touchesErrors } from '../columns.js';
import { aggregationDemand, type Demand, demandedColumns, narrowFunction, predicatesDemand } from '../demand.js';
import type { RowFunction } from '../expression.js';
import type { DataObjScan, LiveScan, Node, Projection, ScanSet } from '../node.js';
import { rewriteUp, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const projectionPushdown: Pass = {
  name: 'projection-pushdown',
  run: (plan) =>
    rewriteUp(plan, (node) => {
      if (node.kind !== 'range-aggregation' || node.mode === 'final') return node;
      return withInput(node, narrow(node.input, aggregationDemand(node)));
    }),
};

function narrow(node: Node, demand: Demand): Node {
  switch (node.kind) {
    case 'scan-set':
    case 'data-obj-scan':
    case 'live-scan':
      return narrowScan(node, demand);
    case 'filter':
      return withInput(node, narrow(node.input, predicatesDemand(node.predicates, demand)));
    case 'projection':
      return narrowProjection(node, demand);
    case 'parallelize':
      return withInput(node, narrow(node.input, demand));
    case 'column-compat': {
      const input = narrow(node.input, demand);
      const isOverNothing = node.input.kind === 'projection' && input.kind !== 'projection';
      return isOverNothing ? input : withInput(node, input);
    }
    default:
      return node;
  }
}

function narrowProjection(projection: Projection, above: Demand): Node {
  const functions: RowFunction[] = [];
  let demand = above;
  for (const fn of projection.functions.toReversed()) {
    const narrowed = narrowFunction(fn, demand);
    demand = narrowed.demand;
    if (narrowed.function !== undefined) functions.unshift(narrowed.function);
  }
  const input = narrow(projection.input, demand);
  while (functions[0] && hasNoErrors(input) && dropsUnseen(functions[0], demand)) functions.shift();
  if (functions.length === 0) return input;
  if (sameText(functions, projection.functions)) return withInput(projection, input);
  return { ...projection, functions, input };
}

/** A drop of labels that nobody reads: what is left of it is to make errors go away. */
function dropsUnseen(fn: RowFunction, { labels }: Demand): boolean {
  return fn.kind === 'drop' && labels !== 'all' && !fn.picks.some(({ name }) => labels.has(name));
}

/** Rows as they are stored: no parser has run, and no condition that may fail. */
function hasNoErrors(node: Node): boolean {
  switch (node.kind) {
    case 'scan-set':
    case 'data-obj-scan':
    case 'live-scan':
      return !node.scan.predicates.some(touchesErrors);
    case 'column-compat':
    case 'parallelize':
      return hasNoErrors(node.input);
    default:
      return false;
  }
}

function narrowScan(node: ScanSet | DataObjScan | LiveScan, demand: Demand): Node {
  const projections = demandedColumns(demand);
  return sameText(projections, node.scan.projections) ? node : { ...node, scan: { ...node.scan, projections } };
}

/** Functions and columns are plain data. */
function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
