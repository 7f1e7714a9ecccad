import { checkRegex } from '../regex/syntax.js';
import type { Matcher, MatchOp } from './ast.js';
import { parseError } from './error.js';
import type { TokenKind } from './token.js';
import type { TokenStream } from './token-stream.js';

const MATCH_OPS: readonly TokenKind[] = ['=', '=~', '!~', '!='];

export function isMatchOp(kind: TokenKind): kind is MatchOp {
  return MATCH_OPS.includes(kind);
}

/** `{app="x", env=~"p.*"}` or `{}`. */
export function parseSelectorBody(tokens: TokenStream): Matcher[] {
  tokens.expect('{');
  if (tokens.accept('}')) return [];
  const matchers: Matcher[] = [];
  for (;;) {
    const first = matchers.length === 0;
    const name = tokens.expect('IDENTIFIER', first ? ['IDENTIFIER', '}'] : ['IDENTIFIER']).text;
    const op = tokens.peek().kind;
    if (!isMatchOp(op)) throw tokens.unexpected(MATCH_OPS);
    tokens.take();
    matchers.push(matcherOf(name, op, tokens.expect('STRING').text));
    if (tokens.accept('}')) return matchers;
    tokens.expect(',', ['}', ',']);
  }
}

/** Checks the pattern of a regular expression matcher. Throws a LogQLError. */
export function matcherOf(name: string, op: MatchOp, value: string): Matcher {
  if (op === '=~' || op === '!~') {
    const fault = checkRegex(value);
    if (fault !== null) throw parseError(fault);
  }
  return { name, op, value };
}
