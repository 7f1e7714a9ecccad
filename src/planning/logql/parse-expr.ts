import type {
  Expr,
  LabelReplaceExpr,
  LiteralExpr,
  MetricExpr,
  VectorAggregationExpr,
  VectorExpr,
  VectorOp,
} from './ast.js';
import { binaryRank, combine, isBinaryOp, parseBinaryModifier } from './binary.js';
import { parseLogExpr } from './parse-log.js';
import { LITERAL_FAILURE, numberOf, parseSignedNumber } from './parse-number.js';
import { parseGrouping, parseRangeAggregation } from './parse-range.js';
import { RANGE_OP_OF, type TokenKind, VECTOR_OP_OF } from './token.js';
import type { TokenStream } from './token-stream.js';
import { vectorParameter } from './vector-parameter.js';

/** Precedence climbing. Only `^` groups to the right. */
export function parseExpr(tokens: TokenStream, lowest = 0, first?: Expr): Expr {
  let left = first ?? parseOperand(tokens);
  for (;;) {
    const op = tokens.peek().kind;
    if (!isBinaryOp(op) || binaryRank(op) < lowest) return left;
    tokens.take();
    const modifier = parseBinaryModifier(tokens);
    const rank = binaryRank(op);
    const right = tokens.nested(() => parseExpr(tokens, op === '^' ? rank : rank + 1));
    left = combine(op, modifier, left, right);
  }
}

function parseOperand(tokens: TokenStream): Expr {
  const kind = tokens.peek().kind;
  switch (kind) {
    case '{':
      return parseLogExpr(tokens);
    case '(':
      return tokens.nested(() => parseParenthesised(tokens));
    case 'NUMBER':
    case '+':
    case '-':
      return literal(parseSignedNumber(tokens));
    case 'VECTOR':
      return parseVector(tokens);
    case 'label_replace':
      return tokens.nested(() => parseLabelReplace(tokens));
  }
  const rangeOp = RANGE_OP_OF.get(kind);
  if (rangeOp !== undefined) {
    tokens.take();
    return parseRangeAggregation(tokens, rangeOp);
  }
  const vectorOp = VECTOR_OP_OF.get(kind);
  if (vectorOp === undefined) throw tokens.unexpected();
  return tokens.nested(() => parseVectorAggregation(tokens, vectorOp));
}

function literal(value: number): LiteralExpr {
  return { kind: 'literal', value };
}

function parseParenthesised(tokens: TokenStream): Expr {
  tokens.take();
  const inner = parseExpr(tokens);
  if (!tokens.accept(')')) throw tokens.unexpected();
  return inner;
}

/** A metric query and the token after it. A log query there is refused at that token, as in Loki's grammar. */
function parseMetricUntil(tokens: TokenStream, end: TokenKind, first?: Expr): MetricExpr {
  const expr = parseExpr(tokens, 0, first);
  if (expr.kind === 'log' || !tokens.accept(end)) throw tokens.unexpected();
  return expr;
}

/** `topk by (a) (5, …)` or `topk(5, …) by (a)`. */
function parseVectorAggregation(tokens: TokenStream, op: VectorOp): VectorAggregationExpr {
  tokens.take();
  const before = parseGrouping(tokens);
  tokens.expect('(', before === undefined ? ['(', 'by', 'without'] : ['(']);
  // A number is the parameter when a comma follows, else the start of the argument.
  const number = tokens.at('NUMBER') ? tokens.take() : undefined;
  const parameter = number !== undefined && tokens.accept(',') ? number : undefined;
  const first =
    number !== undefined && parameter === undefined ? literal(numberOf(number, LITERAL_FAILURE)) : undefined;
  const inner = parseMetricUntil(tokens, ')', first);
  const grouping = before ?? parseGrouping(tokens);
  const k = vectorParameter(op, parameter?.text, grouping !== undefined);
  return {
    kind: 'vector-aggregation',
    op,
    inner,
    ...(k === undefined ? {} : { parameter: k }),
    ...(grouping === undefined ? {} : { grouping }),
  };
}

/** `vector(5)`: an unsigned literal. */
function parseVector(tokens: TokenStream): VectorExpr {
  tokens.take();
  tokens.expect('(');
  const value = numberOf(tokens.expect('NUMBER'), 'unable to parse vectorExpr as a float');
  tokens.expect(')');
  return { kind: 'vector', value };
}

/** `label_replace(…, "destination", "replacement", "source", "regex")`. */
function parseLabelReplace(tokens: TokenStream): LabelReplaceExpr {
  tokens.take();
  tokens.expect('(');
  const inner = parseMetricUntil(tokens, ',');
  const next = (end: TokenKind): string => {
    const { text } = tokens.expect('STRING');
    tokens.expect(end);
    return text;
  };
  const destination = next(',');
  const replacement = next(',');
  const source = next(',');
  return { kind: 'label-replace', inner, destination, replacement, source, pattern: next(')') };
}
