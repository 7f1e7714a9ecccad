import type { Expr, LabelFilter, LogExpr, MetricExpr } from './ast.js';
import { MAX_DEPTH, tooDeep } from './token-stream.js';

/** Calls `visit` for every expression, parents first, left before right. */
export function walkExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of childrenOf(expr)) walkExpr(child, visit);
}

/** Throws a LogQLError on a tree deeper than MAX_DEPTH. Needs no stack itself; thereafter all walks may recurse. */
export function checkDepth(root: Expr): void {
  boundDepth<Expr>(root, (expr) => {
    if (expr.kind === 'log') checkLabelFilterDepth(expr);
    if (expr.kind === 'range-aggregation') {
      checkLabelFilterDepth(expr.range.log);
      for (const filter of expr.range.unwrap?.filters ?? []) boundDepth(filter, partsOf);
    }
    return childrenOf(expr);
  });
}

function checkLabelFilterDepth({ stages }: LogExpr): void {
  for (const stage of stages) if (stage.kind === 'label-filter') boundDepth(stage.filter, partsOf);
}

function boundDepth<T>(root: T, children: (node: T) => readonly T[]): void {
  let level: readonly T[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    level = level.flatMap(children);
  }
}

function childrenOf(expr: Expr): readonly MetricExpr[] {
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

function partsOf(filter: LabelFilter): readonly LabelFilter[] {
  return filter.kind === 'and' || filter.kind === 'or' ? [filter.left, filter.right] : [];
}
