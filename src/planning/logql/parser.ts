import type { Expr, LogExpr, Matcher, MetricExpr } from './ast.js';
import { checkStages } from './check-stage.js';
import { checkDepth } from './depth.js';
import { LogQLError, parseError } from './error.js';
import { parseExpr } from './parse-expr.js';
import { TokenStream } from './token-stream.js';
import { validateExpr } from './validate.js';

/** Bytes. A query this long or longer is refused unread. */
const MAX_QUERY = 131_072;

/**
 * Parses a log or metric query and refuses what could never run. Throws a LogQLError whose message is the text Loki
 * puts on the wire; of several faults, the one Loki would report.
 */
export function parseLogQL(text: string): Expr {
  const expr = parseUnchecked(text);
  validateExpr(expr);
  checkStages(expr);
  return expr;
}

/** A log query: `only log selector is supported` otherwise. Throws a LogQLError. */
export function parseLogQuery(text: string): LogExpr {
  const expr = parseLogQL(text);
  if (expr.kind !== 'log') throw new LogQLError('only log selector is supported');
  return expr;
}

/** A metric query: `only sample expression supported` otherwise. Throws a LogQLError. */
export function parseMetricQuery(text: string): MetricExpr {
  const expr = parseLogQL(text);
  if (expr.kind === 'log') throw new LogQLError('only sample expression supported');
  return expr;
}

/**
 * A selector without stages, one of whose matchers refuses the empty value; `only label matchers are supported`
 * otherwise. Throws a LogQLError.
 */
export function parseSelector(text: string): Matcher[] {
  const expr = parseUnchecked(text);
  validateExpr(expr);
  return matchersOf(expr);
}

/** A selector that may match every stream, such as `{}`. Throws a LogQLError. */
export function parseMatchers(text: string): Matcher[] {
  return matchersOf(parseUnchecked(text));
}

function matchersOf(expr: Expr): Matcher[] {
  if (expr.kind !== 'log' || expr.stages.length > 0) throw new LogQLError('only label matchers are supported');
  return [...expr.matchers];
}

function parseUnchecked(text: string): Expr {
  const size = Buffer.byteLength(text);
  if (size >= MAX_QUERY) throw parseError(`input size too long (${size} > ${MAX_QUERY})`);
  const tokens = new TokenStream(text);
  const expr = parseExpr(tokens);
  if (!tokens.at('$end')) throw tokens.unexpected();
  checkDepth(expr);
  return expr;
}
