import type { LineFilter, LineFilterOp, LineFilterOperand } from './ast.js';
import { parseIpCall } from './parse-list.js';
import type { TokenKind } from './token.js';
import type { TokenStream } from './token-stream.js';

const LINE_FILTER_OPS: readonly TokenKind[] = ['|=', '!=', '|~', '!~', '|>', '!>'];

export function isLineFilterOp(kind: TokenKind): kind is LineFilterOp {
  return LINE_FILTER_OPS.includes(kind);
}

/** `|= "a" or ip("10.0.0.0/8")`, whose operator has been taken. */
export function parseLineFilter(tokens: TokenStream, op: LineFilterOp): LineFilter {
  const operands = [parseOperand(tokens)];
  while (tokens.accept('or')) operands.push(parseOperand(tokens));
  return { kind: 'line-filter', op, operands };
}

function parseOperand(tokens: TokenStream): LineFilterOperand {
  if (tokens.at('ip')) return { kind: 'ip', value: parseIpCall(tokens) };
  return { kind: 'text', value: tokens.expect('STRING', ['STRING', 'ip']).text };
}
