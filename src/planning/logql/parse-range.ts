import type { Grouping, RangeAggregationExpr, RangeOp } from './ast.js';
import { parseLabelNames } from './parse-list.js';
import { parseLogRange } from './parse-log.js';
import { numberOf } from './parse-number.js';
import type { TokenStream } from './token-stream.js';

/** `quantile_over_time(0.9, {…} | unwrap x [5m]) by (a)`, whose operator has been taken. */
export function parseRangeAggregation(tokens: TokenStream, op: RangeOp): RangeAggregationExpr {
  tokens.expect('(');
  if (!tokens.at('NUMBER') && !tokens.at('{') && !tokens.at('(')) throw tokens.unexpected(['NUMBER', '{', '(']);
  const parameter = tokens.at('NUMBER') ? tokens.take() : undefined;
  if (parameter !== undefined) tokens.expect(',');
  const range = parseLogRange(tokens);
  tokens.expect(')');
  const grouping = parseGrouping(tokens);
  return {
    kind: 'range-aggregation',
    op,
    range,
    ...(parameter === undefined ? {} : { parameter: numberOf(parameter, `invalid parameter for operation ${op}`) }),
    ...(grouping === undefined ? {} : { grouping }),
  };
}

/** `by (a, b)` or `without ()`, if there is one. */
export function parseGrouping(tokens: TokenStream): Grouping | undefined {
  const kind = tokens.peek().kind;
  if (kind !== 'by' && kind !== 'without') return undefined;
  tokens.take();
  return { kind, labels: parseLabelNames(tokens) };
}
