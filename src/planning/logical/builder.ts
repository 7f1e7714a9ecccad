import type { QueryParameters } from '../facts.js';
import type { Expr } from '../logql/ast.js';
import { buildTable } from './build-log.js';
import { MetricBuilder } from './build-metric.js';
import { Emitter } from './emitter.js';
import type { LogicalPlan, ValueId } from './value.js';

/**
 * What a query asks, step by step. All of LogQL has a plan; only size is bounded: more than a thousand stages in a
 * pipeline, operands of a filter or matchers of a selector are a `bad-request`.
 */
export function buildLogicalPlan(expr: Expr, parameters: QueryParameters): LogicalPlan {
  const emitter = new Emitter();
  emitter.emit({ kind: 'compat', input: buildResult(emitter, expr, parameters) });
  return emitter.finish();
}

function buildResult(emitter: Emitter, expr: Expr, parameters: QueryParameters): ValueId {
  if (expr.kind !== 'log') return new MetricBuilder(emitter, parameters).buildResult(expr);
  const { start, end, limit, intervalNs, direction } = parameters;
  const table = buildTable(emitter, expr, { start, end });
  return emitter.emit({ kind: 'top-k', table, k: limit, ascending: direction === 'forward', intervalNs });
}
