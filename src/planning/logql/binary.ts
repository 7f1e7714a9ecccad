import { formatGoFloatAs } from '../../wire/go-format.js';
import type { BinaryOp, Expr, MetricExpr, SetOp, VectorMatching } from './ast.js';
import { type LogQLError, parseError } from './error.js';
import { foldNumbers } from './fold.js';
import { parseLabelNames } from './parse-list.js';
import type { TokenStream } from './token-stream.js';

const RANKS: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ...['and', 'unless'].map((op): [string, number] => [op, 2]),
  ...['==', '!=', '>', '>=', '<', '<='].map((op): [string, number] => [op, 3]),
  ...['+', '-'].map((op): [string, number] => [op, 4]),
  ...['*', '/', '%'].map((op): [string, number] => [op, 5]),
  ['^', 6],
]);

export function isBinaryOp(kind: string): kind is BinaryOp {
  return RANKS.has(kind);
}

/** The higher, the tighter it binds. */
export function binaryRank(op: BinaryOp): number {
  return RANKS.get(op)!;
}

export function isSetOp(op: BinaryOp): op is SetOp {
  return op === 'and' || op === 'or' || op === 'unless';
}

export interface BinaryModifier {
  readonly bool: boolean;
  readonly matching?: VectorMatching;
}

/** `bool on (a) group_left (b)` after an operator; any part may be missing. */
export function parseBinaryModifier(tokens: TokenStream): BinaryModifier {
  const bool = tokens.accept('bool');
  const kind = tokens.peek().kind;
  if (kind !== 'on' && kind !== 'ignoring') return { bool };
  tokens.take();
  const labels = parseLabelNames(tokens);
  const side = tokens.at('group_left') ? 'left' : tokens.at('group_right') ? 'right' : undefined;
  if (side === undefined) return { bool, matching: { kind, labels } };
  tokens.take();
  const include = tokens.at('(') ? parseLabelNames(tokens) : [];
  return { bool, matching: { kind, labels, group: { side, include } } };
}

/** One operator over two legs, folded when both are literals. Throws a LogQLError on legs that do not fit. */
export function combine(op: BinaryOp, modifier: BinaryModifier, left: Expr, right: Expr): MetricExpr {
  if (left.kind === 'log') throw notMetric('left', op, left.stages.length);
  if (right.kind === 'log') throw notMetric('right', op, right.stages.length);
  if (isSetOp(op)) {
    if (left.kind === 'literal') throw literalLeg('left', op, left.value);
    if (right.kind === 'literal') throw literalLeg('right', op, right.value);
  } else if (left.kind === 'literal' && right.kind === 'literal') {
    return { kind: 'literal', value: foldNumbers(op, left.value, right.value) };
  }
  return { kind: 'binary', op, left, right, ...modifier };
}

/** The type names are Loki's, where a selector without stages is another type. */
function notMetric(side: string, op: BinaryOp, stages: number): LogQLError {
  const type = stages === 0 ? '*syntax.MatchersExpr' : '*syntax.PipelineExpr';
  return parseError(`unexpected type for ${side} leg of binary operation (${op}): ${type}`);
}

function literalLeg(side: string, op: SetOp, value: number): LogQLError {
  return parseError(
    `unexpected literal for ${side} leg of logical/set binary operation (${op}): ${formatGoFloatAs(value, 'f', 6)}`,
  );
}
