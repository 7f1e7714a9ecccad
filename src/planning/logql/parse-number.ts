import { parseGoFloat } from '../../wire/go-number.js';
import { messageOf, parseError } from './error.js';
import type { Token } from './token.js';
import type { TokenStream } from './token-stream.js';

/** What the error about a literal that is no float64 starts with. */
export const LITERAL_FAILURE = 'unable to parse literal as a float';

/** `5`, `+5` or `-5`: the sign belongs to the number. */
export function parseSignedNumber(tokens: TokenStream): number {
  const negative = tokens.accept('-');
  if (!negative) tokens.accept('+');
  const value = numberOf(tokens.expect('NUMBER'), LITERAL_FAILURE);
  return negative ? -value : value;
}

/** The value of a NUMBER token. Throws a LogQLError that starts with `failure`: the scanner lets `0x10` through. */
export function numberOf(token: Token, failure: string): number {
  try {
    return parseGoFloat(token.text);
  } catch (error) {
    throw parseError(`${failure}: ${messageOf(error)}`);
  }
}
