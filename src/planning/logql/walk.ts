import type { Expr, MetricExpr } from './ast.js';

/** Calls `visit` for every expression, parents first, left before right. */
export function walkExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of childrenOf(expr)) walkExpr(child, visit);
}

/** The expressions that an expression is made of. */
export function childrenOf(expr: Expr): readonly MetricExpr[] {
  switch (expr.kind) {
    case 'binary':
      return [expr.left, expr.right];
    case 'vector-aggregation':
    case 'label-replace':
      return [expr.inner];
    default:
      return [];
  }
}
