/** The lexer: what is a token, and what its refusal is called (A1-A12). */
import { describe, expect, test } from 'vitest';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { surface } from '../support/surface.js';

/** 'OK', or the message a query is refused with. */
function verdict(query: string): string {
  try {
    parseLogQL(query);
    return 'OK';
  } catch (error) {
    return (error as Error).message;
  }
}

const syntax = (token: string, column: number, line = 1): string =>
  `parse error at line ${line}, col ${column}: syntax error: unexpected ${token}`;

test('A1: a query of 131072 bytes is refused unread; a byte less is read', () => {
  const query = (bytes: number): string => `{a="${'x'.repeat(bytes - 6)}"}`;
  expect(verdict(query(131_071))).toBe('OK');
  expect(verdict(query(131_072))).toBe('parse error : input size too long (131072 > 131072)');
  expect(verdict(`{a="${'ü'.repeat(65_533)}"}`)).toContain('input size too long');
});

describe('A2: identifiers', () => {
  test.each(['{_a1="x"}', '{größe="x"}', '{名前="x"}', '{a٣="x"}'])(
    'of letters, digits and underscores: %s',
    (query) => {
      expect(verdict(query)).toBe('OK');
    },
  );

  test.each([
    ['{a.b="c"}', syntax('., expecting = or =~ or !~ or !=', 3)],
    ['{a-b="c"}', syntax('-, expecting = or =~ or !~ or !=', 3)],
    ['{"a.b"="c"}', syntax('STRING, expecting IDENTIFIER or }', 2)],
    ['{1a="c"}', syntax('NUMBER, expecting IDENTIFIER or }', 2)],
    ['{a="b"} | a.b="c"', syntax('.', 12)],
  ])('no other characters: %s', (query, message) => {
    expect(verdict(query)).toBe(message);
  });
});

describe('A3: comments and blanks', () => {
  test.each([
    '{a="b"} # to the end',
    '# before\n{a="b"}',
    '{a="b"} // to the end\n |= "x"',
    '{ /* within */ a = /* the\n selector */ "b" }',
    '{a="b"}\r\n\t|=\t"x"',
    'sum by /* y */ (a) /* z */ (rate({a="b"}[5m] /* w */ offset /* v */ 5m))',
  ])('may stand between any two tokens: %j', (query) => {
    expect(verdict(query)).toBe('OK');
  });

  test('alone they are no query', () => {
    expect(verdict('# nothing')).toBe(syntax('$end', 10));
    expect(verdict('/* nothing */')).toBe(syntax('$end', 14));
    expect(verdict('')).toContain('syntax error: unexpected $end');
  });

  test('a function is none when a comment hides its parenthesis', () => {
    expect(verdict('sum /* x */ (vector(1))')).toBe(syntax('IDENTIFIER', 1));
  });

  test('in a string they are text', async () => {
    const rows = surface(['a # b', 'a // c', 'a']);
    expect(await rows.lines('{app="x"} |= "# b"')).toEqual(['a # b']);
    expect(await rows.lines('{app="x"} |= `// c` # comment')).toEqual(['a // c']);
  });
});

describe('A4: strings', () => {
  test('in quotes know the escapes of Go', async () => {
    const line = '\x07\b\f\n\r\t\v\\"SAÿ世🚀';
    const rows = surface([line, 'other']);
    const query = String.raw`{app="x"} |= "\a\b\f\n\r\t\v\\\"\123\x41\u00ff\u4e16\U0001F680"`;
    expect(await rows.lines(query)).toEqual([line]);
  });

  test('between backticks have no escapes and may span lines', async () => {
    const rows = surface(['back\\slash "quoted"', 'two\nlines']);
    expect(await rows.lines('{app="x"} |= `\\slash "q`')).toEqual(['back\\slash "quoted"']);
    expect(await rows.lines('{app="x"} |= `o\nl`')).toEqual(['two\nlines']);
  });

  test.each([
    ['{a="b\nc"}', 'parse error at line 1, col 4: literal not terminated'],
    ['{a="b', 'parse error at line 1, col 4: literal not terminated'],
    ['{a=`b', 'parse error at line 1, col 4: literal not terminated'],
    ["{a='foo'}", 'parse error at line 1, col 4: invalid char literal'],
    ["{a='x'}", syntax('IDENTIFIER, expecting STRING', 4)],
    ['{a="\\xzz"}', 'parse error at line 1, col 4: invalid char escape'],
    ['{a="\\q"}', 'parse error at line 1, col 4: invalid char escape'],
    [`{a="\\'"}`, 'parse error at line 1, col 4: invalid char escape'],
    ['{a="\\400"}', 'parse error at line 1, col 4: invalid syntax'],
    ['{a="\\ud800"}', 'parse error at line 1, col 4: invalid syntax'],
    ['{a="b\0"}', 'parse error at line 1, col 4: invalid character NUL'],
    ['{a="b\ud800"}', 'parse error at line 1, col 4: invalid UTF-8 encoding'],
  ])('%j is refused', (query, message) => {
    expect(verdict(query)).toBe(message);
  });
});

describe('A5: numbers', () => {
  test.each([
    ['1.5', 1.5],
    ['.5 + 5.', 5.5],
    ['1e6', 1e6],
    ['1.5E-3', 0.0015],
    ['1_000', 1000],
    ['0x1p3', 8],
    ['007', 7],
    ['08.5', 8.5],
    ['09e1', 90],
    ['-0', -0],
  ])('%s is a float64', (query, value) => {
    expect(parseLogQL(query)).toEqual({ kind: 'literal', value });
  });

  test.each(['0x10', '0b11', '0o7'])('%s is one to the scanner, not to the parser of floats', (number) => {
    expect(verdict(number)).toBe(
      `parse error : unable to parse literal as a float: strconv.ParseFloat: parsing "${number}": invalid syntax`,
    );
  });

  test.each([
    ['08', "invalid digit '8' in octal literal"],
    ['019', "invalid digit '9' in octal literal"],
    ['0x', 'hexadecimal literal has no digits'],
    ['0b', 'binary literal has no digits'],
    ['0o', 'octal literal has no digits'],
    ['0x1.8', "hexadecimal mantissa requires a 'p' exponent"],
    ['1e+', 'exponent has no digits'],
    ['1__0', "'_' must separate successive digits"],
  ])('%s is none to the scanner', (number, message) => {
    expect(verdict(number)).toBe(`parse error at line 1, col 1: ${message}`);
  });

  test.each(['NaN', 'Inf', '+Inf', 'infinity'])('%s is a name', (word) => {
    expect(verdict(word)).toContain('syntax error: unexpected IDENTIFIER');
  });

  test('too large ones are refused', () => {
    expect(verdict('1e309')).toContain('value out of range');
  });
});

describe('A6: after a number', () => {
  const value = (text: string): unknown => {
    const expr = parseLogQL(`{a="b"} | x > ${text}`);
    const stage = expr.kind === 'log' ? expr.stages[0] : undefined;
    if (stage?.kind !== 'label-filter' || !('value' in stage.filter)) throw new Error('no comparison');
    return [stage.filter.kind, stage.filter.value];
  };
  const s = 1e9;

  test.each([
    ['5m', 300 * s],
    ['1h30m', 5400 * s],
    ['1d', 86_400 * s],
    ['1w2d', 9 * 86_400 * s],
    ['1y', 365 * 86_400 * s],
    ['1.5h', 5400 * s],
    ['100us', 1e5],
    ['100µs', 1e5],
    ['7ns', 7],
    ['1m1h', 3660 * s],
    ['-5ms', -5e6],
    ['1s500ms', 1.5 * s],
  ])('%s is a duration: Prometheus first, then Go', (text, ns) => {
    expect(value(text)).toEqual(['duration', ns]);
  });

  test.each([
    ['5B', 5],
    ['5KB', 5000],
    ['5kB', 5000],
    ['5KiB', 5120],
    ['1.5MB', 1.5e6],
    ['2GiB', 2 ** 31],
    ['1TB', 1e12],
    ['1PB', 1e15],
  ])('%s is a size', (text, bytes) => {
    expect(value(text)).toEqual(['bytes', bytes]);
  });

  test.each([
    ['1.5d', 19],
    ['5mb', 18],
    ['1foo', 19],
  ])('%s is neither, so it ends in a name that is compared with nothing', (text, column) => {
    expect(verdict(`{a="b"} | x > ${text}`)).toBe(syntax('$end', column));
  });

  test('sizes have no sign and end at P; 1E starts an exponent', () => {
    expect(verdict('{a="b"} | x > -5KB')).toBe(syntax('BYTES, expecting NUMBER', 16, 0));
    expect(verdict('{a="b"} | x > 1EB')).toBe('parse error at line 1, col 15: exponent has no digits');
  });

  test('alone they are no query', () => {
    expect(verdict('5m')).toBe(syntax('DURATION', 1, 0));
    expect(verdict('5MB')).toBe(syntax('BYTES', 1, 0));
  });

  test('a negative offset is one token', () => {
    expect(verdict('rate({a="b"}[5m] offset -5m)')).toBe('OK');
    expect(verdict('rate({a="b"}[5m] offset - 5m)')).toContain('expecting DURATION');
  });
});

describe('A7: a range', () => {
  test.each(['[5m]', '[1y2w3d4h5m6s7ms]', '[1h30m]'])('%s is one of integers in falling units', (range) => {
    expect(verdict(`rate({a="b"}${range})`)).toBe('OK');
  });

  test.each([
    ['[5minutes]', 'unknown unit "minutes" in duration "5minutes"'],
    ['[x]', 'not a valid duration string: "x"'],
    ['[]', 'empty duration string'],
    ['[1.5h]', 'unknown unit "." in duration "1.5h"'],
    ['[100us]', 'unknown unit "us" in duration "100us"'],
    ['[ 5m ]', 'not a valid duration string: " 5m "'],
    ['[5m:1m]', 'unknown unit "m:" in duration "5m:1m"'],
    ['[5m1h]', 'not a valid duration string: "5m1h"'],
    ['[-5m]', 'not a valid duration string: "-5m"'],
    ['[5m', "missing closing ']' in duration"],
  ])('%s is none', (range, message) => {
    expect(verdict(`rate({a="b"}${range})`)).toBe(`parse error at line 0, col 13: ${message}`);
  });
});

test('A8: only two flags exist', () => {
  expect(verdict('{a="b"} | logfmt --strict --keep-empty')).toBe('OK');
  expect(verdict('{a="b"} | logfmt --keep-empty --strict x="y"')).toBe('OK');
  expect(verdict('{a="b"} | logfmt --foo')).toBe(syntax('IDENTIFIER, expecting NUMBER', 20));
  expect(verdict('{a="b"} | json --strict')).toContain('unexpected FUNCTION_FLAG');
});

describe('A9: words are the same in capitals', () => {
  test.each([
    'SUM(RATE({a="b"}[5m])) BY (x)',
    '{a="b"} | JSON | LINE_FORMAT "x"',
    'Sum Without (x) (Count_Over_Time({a="b"} | Logfmt --strict [5m] Offset 1m))',
    'VECTOR(1) OR VECTOR(2)',
    'Label_Replace(vector(1), "a", "b", "c", "d")',
    '{a="b"} |= IP("10.0.0.1") | x = Ip("10.0.0.1")',
  ])('%s', (query) => {
    expect(verdict(query)).toBe('OK');
  });

  test('labels are not', async () => {
    const rows = surface([{ line: 'x', labels: { app: 'x', Rate: '1' } }]);
    expect(await rows.lines('{Rate="1"}')).toEqual(['x']);
    expect(await rows.lines('{rate="1"}')).toEqual([]);
  });
});

describe('A10: names of functions are labels where nothing is called', () => {
  const FUNCTIONS = [
    ...['rate', 'rate_counter', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'avg_over_time', 'sum_over_time'],
    ...['min_over_time', 'max_over_time', 'stdvar_over_time', 'stddev_over_time', 'quantile_over_time'],
    ...['first_over_time', 'last_over_time', 'absent_over_time', 'vector', 'sum', 'avg', 'max', 'min', 'count'],
    ...['stddev', 'stdvar', 'bottomk', 'topk', 'sort', 'sort_desc', 'approx_topk', 'label_replace', 'bytes'],
    ...['duration', 'duration_seconds', 'ip'],
  ];

  test.each(FUNCTIONS)('%s', (name) => {
    expect(verdict(`{${name}="x"}`)).toBe('OK');
    expect(verdict(`{a="b"} | ${name} > 5 | ${name} = "5"`)).toBe('OK');
    expect(verdict(`sum by (${name}) (rate({a="b"}[5m]))`)).toBe('OK');
    expect(verdict(`{a="b"} | json ${name}, x="y" | label_format ${name}=x | drop ${name}`)).toBe('OK');
  });

  test('a parenthesis makes a call of them, with or without blanks', () => {
    expect(verdict('sum (rate ( {a="b"}[5m]))')).toBe('OK');
    expect(verdict('{a="b"} | (rate) = "5"')).toContain('syntax error');
    expect(verdict('sum by (rate({a="b"}[5m]))')).toBe(syntax('RATE, expecting IDENTIFIER or )', 9));
  });

  test('so do by and without', () => {
    expect(verdict('sum by (x) (rate({a="b"}[5m]))')).toBe('OK');
    expect(verdict('sum bytes (x)')).toContain('unexpected IDENTIFIER');
  });
});

describe('A11: reserved words are never labels', () => {
  const RESERVED = [
    ...['by', 'without', 'bool', 'json', 'logfmt', 'regexp', 'unpack', 'pattern', 'line_format', 'label_format'],
    ...['unwrap', 'offset', 'on', 'ignoring', 'group_left', 'group_right', 'or', 'and', 'unless', 'decolorize'],
    ...['drop', 'keep'],
  ];

  test.each(RESERVED)('%s', (word) => {
    expect(verdict(`{${word}="x"}`)).toBe(syntax(`${word}, expecting IDENTIFIER or }`, 2));
    expect(verdict(`sum by (${word}) (rate({a="b"}[5m]))`)).toContain(`unexpected ${word}`);
  });
});

describe('A12: what LogQL has not', () => {
  test.each([
    ['rate({a="b"}[5m]) @ 100', 19],
    ['label_join(rate({a="b"}[5m]), "a", ",", "b")', 1],
    ['count_values("x", rate({a="b"}[5m]))', 1],
    ['group(rate({a="b"}[5m]))', 1],
    ['quantile(0.5, rate({a="b"}[5m]))', 1],
    ['variants(count_over_time({a="b"}[5m])) of ({a="b"}[5m])', 1],
    ['mad_over_time({a="b"} | unwrap x [5m])', 1],
    ['{a="b"} | not x="y"', 15],
    ['{a="b"} | distinct x', 20],
    ['abs(vector(1))', 1],
  ])('%s', (query, column) => {
    expect(verdict(query)).toContain(`parse error at line 1, col ${column}: syntax error: unexpected`);
  });
});
