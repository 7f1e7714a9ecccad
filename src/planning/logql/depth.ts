import type { Expr, LabelFilter, LogExpr } from './ast.js';
import { type LogQLError, parseError } from './error.js';
import { childrenOf } from './walk.js';

/** Parentheses, calls and operators inside one another; keeps every later walk over a tree off the stack's end. */
export const MAX_DEPTH = 1000;

export function tooDeep(): LogQLError {
  return parseError(`query is nested too deeply (more than ${MAX_DEPTH} levels)`);
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

function partsOf(filter: LabelFilter): readonly LabelFilter[] {
  return filter.kind === 'and' || filter.kind === 'or' ? [filter.left, filter.right] : [];
}
