import type { TokenStream } from './token-stream.js';

/** One or more of something, with commas between. */
export function parseCommaList<T>(tokens: TokenStream, parseOne: () => T): T[] {
  const list = [parseOne()];
  while (tokens.accept(',')) list.push(parseOne());
  return list;
}

/** `(a, b)` or `()`. */
export function parseLabelNames(tokens: TokenStream): string[] {
  tokens.expect('(');
  if (tokens.accept(')')) return [];
  const names = [tokens.expect('IDENTIFIER', ['IDENTIFIER', ')']).text];
  while (tokens.accept(',')) names.push(tokens.expect('IDENTIFIER').text);
  tokens.expect(')', [',', ')']);
  return names;
}

/** `ip("10.0.0.0/8")`, of which `ip` is the next token. */
export function parseIpCall(tokens: TokenStream): string {
  tokens.expect('ip');
  tokens.expect('(');
  const pattern = tokens.expect('STRING').text;
  tokens.expect(')');
  return pattern;
}
