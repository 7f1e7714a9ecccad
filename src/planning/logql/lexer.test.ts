import { describe, expect, it } from 'vitest';
import { Lexer } from './lexer.js';
import type { Token } from './token.js';

function tokensOf(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token.kind !== '$end'; token = lexer.next()) tokens.push(token);
  return tokens;
}

const kindsOf = (text: string): string =>
  tokensOf(text)
    .map((token) => token.kind)
    .join(' ');

describe('Lexer', () => {
  it.each([
    ['sum(', 'SUM ('],
    ['sum by (', 'SUM by ('],
    ['SUM\n WITHOUT(', 'SUM without ('],
    ['sum bytes', 'IDENTIFIER IDENTIFIER'],
    ['sum)', 'IDENTIFIER )'],
    ['duration > 5m', 'IDENTIFIER > DURATION'],
    ['ip="x" ip("y")', 'IDENTIFIER = STRING ip ( STRING )'],
    ['Json LOGFMT By', 'json logfmt by'],
    ['a.b-c', 'IDENTIFIER . IDENTIFIER - IDENTIFIER'],
    ['été_1', 'IDENTIFIER'],
    ['|= |~ |> | != !~ !> = == =~ ! ~', '|= |~ |> | != !~ !> = == =~ IDENTIFIER IDENTIFIER'],
    ['1 1.5 .5 5. 1e6 1_000 0x1p3 0b11', 'NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER'],
    ['5m 1h30m 1.5h 100us 100µs 1w2d 1y', 'DURATION DURATION DURATION DURATION DURATION DURATION DURATION'],
    ['-5m -1.5h -5 - 5m', 'DURATION DURATION - NUMBER - DURATION'],
    ['5KB 5kB 5KiB 5B 1.5MB 1PB 0B', 'BYTES BYTES BYTES BYTES BYTES BYTES BYTES'],
    ['5mb 1foo 5.5.5', 'DURATION IDENTIFIER NUMBER IDENTIFIER NUMBER NUMBER'],
    ['--strict --keep-empty --bogus --STRICT', 'FUNCTION_FLAG FUNCTION_FLAG - - IDENTIFIER - - IDENTIFIER'],
    ['[5m] [0] [1h30m]', 'RANGE RANGE RANGE'],
    ["'x' $ @ ?", 'IDENTIFIER IDENTIFIER IDENTIFIER IDENTIFIER'],
    ['a # b\n// c\n/* d\n */ e', 'IDENTIFIER IDENTIFIER'],
    ['\ufeffa', 'IDENTIFIER'],
    ['a # b', 'IDENTIFIER'],
  ])('%j is %s', (text, kinds) => {
    expect(kindsOf(text)).toBe(kinds);
  });

  it.each([
    ['"a\\tb\\"\\\\"', 'a\tb"\\'],
    ['"\\x41\\102\\u00e9\\U0001F600"', 'ABé😀'],
    ['"\\xe6\\x97\\xa5"', '日'],
    ['`a\\t"\nb`', 'a\\t"\nb'],
  ])('%j is a string', (text, value) => {
    expect(tokensOf(text)).toMatchObject([{ kind: 'STRING', text: value }]);
  });

  it('keeps the values of durations, sizes and ranges', () => {
    expect(tokensOf('1.5h -5ms 1d 5KiB [1h]').map((token) => token.value)).toEqual([
      5400e9, -5e6, 86_400e9, 5120, 3600e9,
    ]);
  });

  it.each([
    ['"a', 'line 1, col 1: literal not terminated'],
    ['a "b\nc"', 'line 1, col 3: literal not terminated'],
    ['`a', 'line 1, col 1: literal not terminated'],
    ['"\\q"', 'line 1, col 1: invalid char escape'],
    ['"\\xzz"', 'line 1, col 1: invalid char escape'],
    ['"\\777"', 'line 1, col 1: invalid syntax'],
    ["'ab'", 'line 1, col 1: invalid char literal'],
    ["''", 'line 1, col 1: invalid char literal'],
    ["'a", 'line 1, col 1: literal not terminated'],
    ['a /* b', 'line 1, col 3: comment not terminated'],
    ['5e', 'line 1, col 1: exponent has no digits'],
    ['0x1.8', "line 1, col 1: hexadecimal mantissa requires a 'p' exponent"],
    ['1__0', "line 1, col 1: '_' must separate successive digits"],
    ['[5m', "line 0, col 1: missing closing ']' in duration"],
    ['[5minutes]', 'line 0, col 1: unknown unit "minutes" in duration "5minutes"'],
    ['[1.5h]', 'line 0, col 1: unknown unit "." in duration "1.5h"'],
    ['[x]', 'line 0, col 1: not a valid duration string: "x"'],
    ['[]', 'line 0, col 1: empty duration string'],
    ['[5m:1m]', 'line 0, col 1: unknown unit "m:" in duration "5m:1m"'],
    ['a "b\0"', 'line 1, col 3: invalid character NUL'],
    ['{a="\ud800"}', 'line 1, col 4: invalid UTF-8 encoding'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => tokensOf(text)).toThrow(`parse error at ${message}`);
  });
});
