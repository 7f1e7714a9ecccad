import { raise } from '../../wire/fault.js';
import { unquoteGoChar } from '../../wire/go-quote.js';
import { escapedByte, wellFormed } from '../../wire/go-string.js';
import { quoteGo } from '../../wire/labels.js';

type Token =
  | { readonly kind: 'name'; readonly at: number; readonly text: string }
  | { readonly kind: 'string'; readonly at: number; readonly text: string; readonly value: string }
  | { readonly kind: 'mark'; readonly at: number; readonly text: string }
  | { readonly kind: 'end'; readonly at: number; readonly text: '' };

/**
 * Parses a Prometheus metric literal, `{a="b", c='d'}` or `name{a="b"}`, into its pairs in the order written. Throws a
 * FaultError (`bad-request`) with Prometheus' wording: `couldn't parse labels: line:column: parse error: ...`.
 */
export function parseLabelLiteral(text: string): [name: string, value: string][] {
  const lexer = new Lexer(text);
  const pairs: [string, string][] = [];
  let token = lexer.next(false);
  if (token.kind === 'name') {
    pairs.push(['__name__', token.text]);
    token = lexer.next(false);
  }
  if (token.kind === 'mark' && token.text === '{') {
    readPairs(lexer, pairs);
    token = lexer.next(false);
  }
  if (token.kind !== 'end') lexer.unexpected(token, '');
  return pairs;
}

function readPairs(lexer: Lexer, pairs: [string, string][]): void {
  for (;;) {
    const name = lexer.next(true);
    if (name.text === '}' && name.kind === 'mark') return;
    if (name.kind !== 'name') lexer.unexpected(name, ' in label set, expected identifier or "}"');
    const equals = lexer.next(true);
    if (equals.text !== '=') lexer.unexpected(equals, ' in label set, expected "="');
    const value = lexer.next(true);
    if (value.kind !== 'string') lexer.unexpected(value, ' in label set, expected string');
    pairs.push([name.text, value.value]);
    const next = lexer.next(true);
    if (next.kind === 'mark' && next.text === '}') return;
    if (next.text !== ',') lexer.unexpected(next, ' in label set, expected "," or "}"');
  }
}

const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(inBraces: boolean): Token {
    while (' \t\n\r'.includes(this.#text.charAt(this.#at) || 'x')) this.#at++;
    const at = this.#at;
    const char = this.#text.charAt(at);
    if (char === '') {
      if (inBraces) this.#fail(at, 'unexpected end of input inside braces');
      return { kind: 'end', at, text: '' };
    }
    const pattern = inBraces ? NAME : METRIC_NAME;
    pattern.lastIndex = at;
    const name = pattern.exec(this.#text)?.[0];
    if (name !== undefined) {
      this.#at += name.length;
      return { kind: 'name', at, text: name };
    }
    if (char === '"' || char === "'" || char === '`') return this.#string(at, char);
    if (char === '{' && inBraces) this.#fail(at, "unexpected left brace '{'");
    if ('{}=,'.includes(char)) {
      this.#at++;
      return { kind: 'mark', at, text: char };
    }
    return this.#fail(at, `unexpected character${inBraces ? ' inside braces' : ''}: ${quoteRune(this.#text, at)}`);
  }

  unexpected(token: Token, expected: string): never {
    return this.#fail(token.at, `unexpected ${describe(token)}${expected}`);
  }

  #string(at: number, quote: string): Token {
    let end = at + 1;
    for (; this.#text.charAt(end) !== quote; end++) {
      const char = this.#text.charAt(end);
      if (char === '\\' && quote !== '`') end++;
      if (char === '' || (char === '\n' && quote !== '`')) {
        this.#fail(at, quote === '`' ? 'unterminated raw string' : 'unterminated quoted string');
      }
    }
    const body = this.#text.slice(at + 1, end);
    this.#at = end + 1;
    return { kind: 'string', at, text: this.#text.slice(at, end + 1), value: this.#value(at, quote, body) };
  }

  #value(at: number, quote: string, body: string): string {
    if (quote === '`' || !body.includes('\\')) return body;
    let out = '';
    for (let i = 0; i < body.length; ) {
      const char = unquoteGoChar(body, i, quote);
      if (char === null) this.#fail(at, `unknown escape sequence ${quoteRune(body, i + 1)}`);
      out += char.isByte ? escapedByte(char.value) : String.fromCodePoint(char.value);
      i += char.length;
    }
    return wellFormed(out);
  }

  #fail(at: number, problem: string): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1)) + 1;
    return raise('bad-request', `couldn't parse labels: ${line}:${column}: parse error: ${problem}`);
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input';
    case 'name':
      return `identifier ${quoteShort(token.text)}`;
    case 'string':
      return `string ${quoteShort(token.text)}`;
    case 'mark':
      return quoteGo(token.text);
  }
}

function quoteShort(text: string): string {
  return text.length > 10 ? `${quoteGo(text.slice(0, 10))}...` : quoteGo(text);
}

function quoteRune(text: string, at: number): string {
  const rune = String.fromCodePoint(text.codePointAt(at) ?? 0xfffd);
  return rune === "'" ? "'\\''" : `'${quoteGo(rune).slice(1, -1).replace('\\"', '"')}'`;
}
