import { TENANT_LABEL } from '../../wire/tenant.js';
import type { Expr, LogExpr, MetricExpr, RangeAggregationExpr, Stage } from './ast.js';

/**
 * A query over several tenants, rewritten so that rows keep the label that tells them apart, as Loki's do, which get it
 * after their stages: `keep` and the grouping of range aggregations keep it. Vector aggregations still join tenants.
 */
export function keepTenantLabel(expr: Expr): Expr {
  return expr.kind === 'log' ? inLog(expr) : inMetric(expr);
}

function inLog(log: LogExpr): LogExpr {
  return { ...log, stages: log.stages.map(inStage) };
}

function inStage(stage: Stage): Stage {
  return stage.kind === 'keep' ? { ...stage, labels: [...stage.labels, TENANT_LABEL] } : stage;
}

function inMetric(expr: MetricExpr): MetricExpr {
  switch (expr.kind) {
    case 'range-aggregation':
      return inRange(expr);
    case 'vector-aggregation':
    case 'label-replace':
      return { ...expr, inner: inMetric(expr.inner) };
    case 'binary':
      return { ...expr, left: inMetric(expr.left), right: inMetric(expr.right) };
    case 'literal':
    case 'vector':
      return expr;
  }
}

function inRange(expr: RangeAggregationExpr): RangeAggregationExpr {
  const range = { ...expr.range, log: inLog(expr.range.log) };
  const { grouping } = expr;
  if (grouping === undefined) return { ...expr, range };
  const others = grouping.labels.filter((name) => name !== TENANT_LABEL);
  const labels = grouping.kind === 'by' ? [...others, TENANT_LABEL] : others;
  return { ...expr, range, grouping: { ...grouping, labels } };
}
