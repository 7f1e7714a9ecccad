/**
 * A log query that filters on what it parses computes, for every row, only what its conditions look at; the whole of
 * the projections follows for the k rows that are returned. TopK over row operators with a Filter above a Projection
 * becomes these operators over TopK over Preselect. The answer stays the same because Preselect keeps exactly the rows
 * that pass the operators, these change neither time nor order, and they pass those rows again. Not so with a sampling
 * interval, whose rows are chosen among all parts at the root.
 */
import { touchesErrors } from '../columns.js';
import { type Demand, narrowFunction, predicatesDemand } from '../demand.js';
import type { RowFunction } from '../expression.js';
import type { ColumnCompat, Filter, Node, Preselect, PreselectStep, Projection, TopK } from '../node.js';
import { rewriteDown, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const lateProjection: Pass = {
  name: 'late-projection',
  run: (plan) => rewriteDown(plan, (node) => (node.kind === 'top-k' && node.intervalNs === 0 ? project(node) : node)),
};

type RowOperator = Filter | Projection | ColumnCompat;

function project(topK: TopK): Node {
  const { operators, below } = rowOperators(topK.input);
  const filter = operators.findIndex(({ kind }) => kind === 'filter');
  const deciding = operators.slice(filter);
  if (filter === -1 || !deciding.some(({ kind }) => kind === 'projection')) return topK;
  const preselect: Preselect = { kind: 'preselect', steps: steps(deciding), input: below };
  return operators.reduceRight<Node>((input, operator) => withInput(operator, input), withInput(topK, preselect));
}

/** From the top; the compat of metadata belongs to the scan. */
function rowOperators(top: Node): { readonly operators: readonly RowOperator[]; readonly below: Node } {
  const operators: RowOperator[] = [];
  let below = top;
  while (isRowOperator(below)) {
    operators.push(below);
    below = below.input;
  }
  return { operators, below };
}

function isRowOperator(node: Node): node is RowOperator {
  if (node.kind === 'column-compat') return node.source === 'parsed';
  return node.kind === 'filter' || node.kind === 'projection';
}

/** What decides about a row, from the bottom, with functions narrowed to what is looked at. */
function steps(operators: readonly RowOperator[]): readonly PreselectStep[] {
  const seesErrors = operators.some((node) => node.kind === 'filter' && node.predicates.some(touchesErrors));
  // Whoever sees errors sees those of a template, whatever becomes of its line.
  let demand: Demand = { labels: new Set(), line: false, lineLength: false, lineConsumed: seesErrors, errors: false };
  const found: PreselectStep[] = [];
  for (const operator of operators) {
    if (operator.kind === 'filter') {
      found.push({ kind: 'predicates', predicates: operator.predicates });
      demand = predicatesDemand(operator.predicates, demand);
    } else if (operator.kind === 'projection') {
      const functions: RowFunction[] = [];
      for (const fn of operator.functions.toReversed()) {
        const narrowed = narrowFunction(fn, demand);
        demand = narrowed.demand;
        if (narrowed.function) functions.push(narrowed.function);
      }
      if (functions.length > 0) found.push({ kind: 'functions', functions: functions.reverse() });
    }
  }
  return found.reverse();
}
