/** From a query to tasks: all stages of planning in one pure function. */
import type { CatalogSnapshot, QueryParameters } from './facts.js';
import { buildLogicalPlan } from './logical/builder.js';
import { simplifyRegexes } from './logical/passes/simplify-regex.js';
import type { LogicalPlan } from './logical/value.js';
import type { Expr, MetricExpr } from './logql/ast.js';
import { lowerPlan } from './physical/lower.js';
import type { Node } from './physical/node.js';
import { type Fired, optimize } from './physical/optimize.js';
import { planWorkflow, type WorkflowIds } from './workflow/split.js';
import type { Workflow } from './workflow/task.js';

export interface PlannedQuery {
  readonly result: ResultShape;
  /** As the query says it. */
  readonly logical: LogicalPlan;
  /** After the logical passes. */
  readonly simplified: LogicalPlan;
  /** As lowered. */
  readonly physical: Node;
  readonly optimised: Node;
  /** Passes that changed something, logical ones first. */
  readonly fired: readonly Fired[];
  readonly workflow: Workflow;
}

export interface ResultShape {
  readonly type: 'streams' | 'vector' | 'matrix' | 'scalar';
  /** An instant vector keeps the order it comes in: the query sorts it (A79). Otherwise it is sorted by labels. */
  readonly keepsOrder: boolean;
}

/**
 * `snapshots` answer `selectorsOf(expr, parameters)`, one each. Throws only on bugs and mismatched arguments: every
 * query that parses has a plan.
 */
export function planQuery(
  expr: Expr,
  parameters: QueryParameters,
  snapshots: readonly CatalogSnapshot[],
  ids: WorkflowIds,
): PlannedQuery {
  const logical = buildLogicalPlan(expr, parameters);
  const simplified = simplifyRegexes(logical);
  const physical = lowerPlan(simplified, snapshots);
  const { plan: optimised, fired } = optimize(physical);
  return {
    result: resultShape(expr, parameters),
    logical,
    simplified,
    physical,
    optimised,
    fired: simplified === logical ? fired : [{ pass: 'simplify-regex', iterations: 1 }, ...fired],
    workflow: planWorkflow(optimised, ids),
  };
}

export function resultShape(expr: Expr, { stepNs }: QueryParameters): ResultShape {
  if (expr.kind === 'log') return { type: 'streams', keepsOrder: true };
  if (stepNs > 0) return { type: 'matrix', keepsOrder: false };
  return isNumber(expr) ? { type: 'scalar', keepsOrder: false } : { type: 'vector', keepsOrder: sorts(expr) };
}

function isNumber(expr: MetricExpr): boolean {
  return expr.kind === 'literal' || (expr.kind === 'binary' && isNumber(expr.left) && isNumber(expr.right));
}

/** Whether a sort stands anywhere, as Loki decides it. */
function sorts(expr: MetricExpr): boolean {
  switch (expr.kind) {
    case 'vector-aggregation':
      return expr.op === 'sort' || expr.op === 'sort_desc' || sorts(expr.inner);
    case 'label-replace':
      return sorts(expr.inner);
    case 'binary':
      return sorts(expr.left) || sorts(expr.right);
    default:
      return false;
  }
}
