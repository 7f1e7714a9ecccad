import { describeToken, Lexer, type Token, type TokenKind } from './lexer.js';

/** Tokens with any look-ahead, and errors that say where reading stopped. */
export class TokenReader {
  protected readonly name: string;
  protected readonly text: string;
  /** The line of the action being read; 0 between actions. */
  protected actionLine = 0;
  private readonly lexer: Lexer;
  /** Tokens read ahead or given back; the last is next. */
  private readonly pending: Token[] = [];
  /** The token most recently read from the lexer: errors are on its line. */
  private latest: Token = { kind: 'eof', at: 0, text: '', line: 1 };

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.lexer = new Lexer(text);
  }

  protected next(): Token {
    const token = this.pending.pop();
    if (token !== undefined) return token;
    this.latest = this.lexer.next();
    return this.latest;
  }

  /** In the order in which they are to be read again. */
  protected giveBack(...tokens: readonly Token[]): void {
    for (let i = tokens.length - 1; i >= 0; i--) this.pending.push(tokens[i]!);
  }

  protected peek(): Token {
    const token = this.next();
    this.pending.push(token);
    return token;
  }

  protected nextNonSpace(): Token {
    const token = this.next();
    return token.kind === 'space' ? this.next() : token;
  }

  /** Drops leading space for good. */
  protected peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.pending.push(token);
    return token;
  }

  protected expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  protected error(message: string): Error {
    return new Error(`template: ${this.name}:${this.latest.line}: ${message}`);
  }

  protected unexpected(token: Token, context: string): Error {
    if (token.kind !== 'error') return this.error(`unexpected ${describeToken(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.error(token.text);
    const action = token.text.endsWith(' action') ? '' : ' in action';
    return this.error(`${token.text}${action} started at ${this.name}:${this.actionLine}`);
  }
}
