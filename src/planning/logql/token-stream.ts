import { MAX_DEPTH, tooDeep } from './depth.js';
import { type LogQLError, parseError, positionAt } from './error.js';
import { Lexer } from './lexer.js';
import type { Token, TokenKind } from './token.js';

/**
 * One token of look-ahead. Tokens are read when they are first looked at, so that the error Loki meets first is the
 * one reported.
 */
export class TokenStream {
  readonly #text: string;
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lexer = new Lexer(text);
  }

  peek(): Token {
    this.#ahead ??= this.#lexer.next();
    return this.#ahead;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  at(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  accept(kind: TokenKind): boolean {
    if (!this.at(kind)) return false;
    this.#ahead = undefined;
    return true;
  }

  /** Takes a token of this kind. Loki's message lists what it could have been instead: by default only `kind`. */
  expect(kind: TokenKind, candidates: readonly TokenKind[] = [kind]): Token {
    if (!this.at(kind)) throw this.unexpected(candidates);
    return this.take();
  }

  /** The error for the next token. Like Loki's parser, it names at most four candidates, and none if there are more. */
  unexpected(candidates: readonly TokenKind[] = []): LogQLError {
    const token = this.peek();
    const { line, column } = positionAt(this.#text, token.start);
    const expecting = candidates.length === 0 ? '' : `, expecting ${candidates.join(' or ')}`;
    return parseError(`syntax error: unexpected ${token.kind}${expecting}`, token.lineless ? 0 : line, column);
  }

  /** Parses something that may contain itself, refusing to go deeper than MAX_DEPTH. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw tooDeep();
    const result = parse();
    this.#depth--;
    return result;
  }
}
