import { isGoPrintable, quoteGoString } from '../../wire/go-quote.js';

export type TokenKind =
  | 'error' // text is the message
  | 'bool'
  | 'char' // printable ASCII, such as a comma
  | 'char-constant'
  | 'complex'
  | 'assign' // =
  | 'declare' // :=
  | 'eof'
  | 'field'
  | 'identifier'
  | 'left-delimiter'
  | 'left-paren'
  | 'number'
  | 'pipe'
  | 'raw-string'
  | 'right-delimiter'
  | 'right-paren'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | Keyword;

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

export interface Token {
  readonly kind: TokenKind;
  readonly at: number;
  readonly text: string;
  /** Counted from 1, of the token's start. */
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set<Keyword>([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

const LEFT = '{{';
const RIGHT = '}}';
const WORD = /[\p{L}\p{Nd}_]/u;
const WORD_RUN = /[\p{L}\p{Nd}_]*/uy;
const SPACE = /[ \t\r\n]/;
const SPACE_RUN = /[ \t\r\n]*/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/suy;
const RAW_QUOTED = /`[^`]*`/y;
const CHAR_CONSTANT = /'(?:[^'\\\n]|\\[^\n])*'/suy;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;

/** How a token reads in an error, as Go prints it. */
export function describeToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.text;
  if (token.kind === 'dot' || KEYWORDS.has(token.kind)) return `<${token.text}>`;
  const runes = [...token.text];
  return runes.length > 10 ? `${quoteGoString(runes.slice(0, 10).join(''))}...` : quoteGoString(token.text);
}

/** fmt's %#U. */
function unicode(rune: string): string {
  const hex = rune.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return isGoPrintable(rune) ? `U+${hex} '${rune}'` : `U+${hex}`;
}

/**
 * Cuts a template into tokens, with Go's `{{- -}}` trimming and comments already applied. A lexical error is a token of
 * kind `error`; nothing may be read after it.
 */
export class Lexer {
  private readonly input: string;
  private at = 0;
  private line = 1;
  private parens = 0;
  private inAction = false;

  constructor(input: string) {
    this.input = input;
  }

  next(): Token {
    while (true) {
      const token = this.inAction ? this.action() : this.text();
      if (token !== null) return token;
    }
  }

  /** The token from here to `end`, which becomes the place to go on from. */
  private take(kind: TokenKind, end: number): Token {
    const token = { kind, at: this.at, text: this.input.slice(this.at, end), line: this.line };
    this.skipTo(end);
    return token;
  }

  private skipTo(end: number): void {
    for (let i = this.at; i < end; i++) if (this.input.charCodeAt(i) === 0x0a) this.line++;
    this.at = end;
  }

  private error(message: string): Token {
    return { kind: 'error', at: this.at, text: message, line: this.line };
  }

  private matchEnd(pattern: RegExp, from = this.at): number {
    pattern.lastIndex = from;
    return pattern.test(this.input) ? pattern.lastIndex : -1;
  }

  /** Text up to the next action; null when there is none before it. */
  private text(): Token | null {
    const { input } = this;
    if (this.at === input.length) return { kind: 'eof', at: this.at, text: '', line: this.line };
    const delimiter = input.indexOf(LEFT, this.at);
    if (delimiter === -1) return this.take('text', input.length);
    if (delimiter === this.at) return this.leftDelimiter();
    const trims = this.trimsLeft(delimiter + LEFT.length);
    let end = delimiter;
    while (trims && end > this.at && SPACE.test(input[end - 1]!)) end--;
    const token = end === this.at ? null : this.take('text', end);
    this.skipTo(delimiter);
    return token;
  }

  private trimsLeft(at: number): boolean {
    return this.input[at] === '-' && SPACE.test(this.input[at + 1] ?? '');
  }

  private trimsRight(at: number): boolean {
    return SPACE.test(this.input[at] ?? '') && this.input.startsWith(`-${RIGHT}`, at + 1);
  }

  private leftDelimiter(): Token | null {
    const inside = this.at + LEFT.length;
    const body = this.trimsLeft(inside) ? inside + 2 : inside;
    if (this.input.startsWith('/*', body)) return this.comment(body);
    const token = this.take('left-delimiter', inside);
    this.skipTo(body);
    this.inAction = true;
    this.parens = 0;
    return token;
  }

  private comment(body: number): Token | null {
    this.skipTo(body);
    const close = this.input.indexOf('*/', body + 2);
    if (close === -1) return this.error('unclosed comment');
    const after = close + 2;
    const trims = this.trimsRight(after);
    const delimiter = trims ? after + 2 : after;
    if (!this.input.startsWith(RIGHT, delimiter)) return this.error('comment ends before closing delimiter');
    this.skipTo(this.afterDelimiter(delimiter, trims));
    return null;
  }

  private afterDelimiter(delimiter: number, trims: boolean): number {
    const end = delimiter + RIGHT.length;
    return trims ? this.matchEnd(SPACE_RUN, end) : end;
  }

  private rightDelimiter(trims: boolean): Token {
    if (trims) this.skipTo(this.at + 2);
    const delimiter = this.at;
    const token = this.take('right-delimiter', delimiter + RIGHT.length);
    this.skipTo(this.afterDelimiter(delimiter, trims));
    this.inAction = false;
    return token;
  }

  private action(): Token {
    const { input, at } = this;
    const trims = this.trimsRight(at);
    if (trims || input.startsWith(RIGHT, at)) {
      return this.parens === 0 ? this.rightDelimiter(trims) : this.error('unclosed left paren');
    }
    const point = input.codePointAt(at);
    if (point === undefined) return this.error('unclosed action');
    const rune = String.fromCodePoint(point);
    if (SPACE.test(rune)) return this.space();
    switch (rune) {
      case '=':
        return this.take('assign', at + 1);
      case ':':
        return input[at + 1] === '=' ? this.take('declare', at + 2) : this.error('expected :=');
      case '|':
        return this.take('pipe', at + 1);
      case '"':
        return this.quoted('string', QUOTED, 'unterminated quoted string');
      case '`':
        return this.quoted('raw-string', RAW_QUOTED, 'unterminated raw quoted string');
      case "'":
        return this.quoted('char-constant', CHAR_CONSTANT, 'unterminated character constant');
      case '$':
        return this.name('variable');
      case '(':
        this.parens++;
        return this.take('left-paren', at + 1);
      case ')':
        this.parens--;
        return this.parens < 0 ? this.error('unexpected right paren') : this.take('right-paren', at + 1);
      default:
        return this.wordOrNumber(rune);
    }
  }

  private wordOrNumber(rune: string): Token {
    if (rune === '.' && !/\d/.test(this.input[this.at + 1] ?? '') && this.at + 1 < this.input.length) {
      return this.name('field');
    }
    if (/[\d.+-]/.test(rune)) return this.number();
    if (WORD.test(rune)) return this.word();
    if (rune <= '~' && isGoPrintable(rune)) return this.take('char', this.at + 1);
    return this.error(`unrecognized character in action: ${unicode(rune)}`);
  }

  private space(): Token {
    const end = this.matchEnd(SPACE_RUN);
    // The last space may belong to a trimming right delimiter. It is not alone: action() has looked.
    return this.take('space', this.trimsRight(end - 1) ? end - 1 : end);
  }

  private quoted(kind: TokenKind, pattern: RegExp, message: string): Token {
    const end = this.matchEnd(pattern);
    return end === -1 ? this.error(message) : this.take(kind, end);
  }

  private word(): Token {
    const end = this.matchEnd(WORD_RUN);
    const word = this.input.slice(this.at, end);
    if (!this.isTerminator(end)) return this.badCharacter(end);
    if (KEYWORDS.has(word)) return this.take(word as Keyword, end);
    return this.take(word === 'true' || word === 'false' ? 'bool' : 'identifier', end);
  }

  /** `.name` or `$name`, or the bare sign. */
  private name(kind: 'field' | 'variable'): Token {
    const start = this.at + 1;
    if (this.isTerminator(start)) return this.take(kind === 'field' ? 'dot' : 'variable', start);
    const end = this.matchEnd(WORD_RUN, start);
    return this.isTerminator(end) ? this.take(kind, end) : this.badCharacter(end);
  }

  private badCharacter(at: number): Token {
    return this.error(`bad character ${unicode(String.fromCodePoint(this.input.codePointAt(at)!))}`);
  }

  /** Whether a word may end here: `.X.Y` is two words, `$x+2` is an error. */
  private isTerminator(at: number): boolean {
    const next = this.input[at];
    return next === undefined || SPACE.test(next) || '.,|:)('.includes(next) || this.input.startsWith(RIGHT, at);
  }

  private number(): Token {
    let end = this.numberEnd(this.at);
    let kind: TokenKind = 'number';
    if (end !== -1 && /[+-]/.test(this.input[end] ?? '')) {
      kind = 'complex';
      end = this.numberEnd(end);
      if (end !== -1 && this.input[end - 1] !== 'i') return this.badNumber(end);
    }
    return end === -1 ? this.badNumber(this.numberStop) : this.take(kind, end);
  }

  private numberStop = 0;

  /** -1 when a letter or digit follows; `numberStop` is then just after it. */
  private numberEnd(start: number): number {
    const end = this.matchEnd(NUMBER, start);
    const next = this.input.codePointAt(end);
    const rune = next === undefined ? '' : String.fromCodePoint(next);
    this.numberStop = end + rune.length;
    return WORD.test(rune) ? -1 : end;
  }

  private badNumber(end: number): Token {
    return this.error(`bad number syntax: ${quoteGoString(this.input.slice(this.at, end))}`);
  }
}
