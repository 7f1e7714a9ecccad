import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LabelFilter, Stage } from './ast.js';
import { LogQLError } from './error.js';
import { parseLogQL, parseLogQuery, parseMatchers, parseMetricQuery, parseSelector } from './parser.js';
import { printLabelFilter } from './print-stage.js';

/** `OK`, or the message of the error. Anything but a LogQLError escapes. */
function verdict(query: string): string {
  try {
    parseLogQL(query);
    return 'OK';
  } catch (error) {
    if (error instanceof LogQLError) return error.message;
    throw error;
  }
}

function linesOf(file: string): string[] {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# '));
}

const NO_MATCHER =
  'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
  'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will';

describe('parseLogQL', () => {
  const verdicts = linesOf('./parser.golden.txt').map(
    (line) => /^`(.*)` => (.*)$/.exec(line)!.slice(1) as [string, string],
  );

  it.each(verdicts)('%s => %s', (query, expected) => {
    expect(verdict(query)).toBe(expected);
  });

  it('accepts every query that a running Loki has answered', () => {
    const refused = linesOf('./accepted.golden.txt').filter((query) => verdict(query) !== 'OK');
    expect(refused).toEqual([]);
  });

  it.each([
    ['', 'parse error : syntax error: unexpected $end'],
    [' ', 'parse error at line 1, col 2: syntax error: unexpected $end'],
    ['# only a comment', 'parse error at line 1, col 17: syntax error: unexpected $end'],
    ['{a="b"}\n | json\n | foo bar', 'parse error at line 3, col 8: syntax error: unexpected IDENTIFIER'],
    ['{a="b"} |= "日本" 😀', 'parse error at line 1, col 17: syntax error: unexpected IDENTIFIER'],
  ])('finds the position of the error in %j', (query, message) => {
    expect(verdict(query)).toBe(message);
  });

  it('gives the position as numbers too', () => {
    expect.assertions(1);
    try {
      parseLogQL('{a="b"}\n| 5');
    } catch (error) {
      expect(error).toMatchObject({ name: 'LogQLError', line: 2, column: 3 });
    }
  });

  it('refuses a query of 128 KiB or more unread', () => {
    expect(verdict(' '.repeat(131_072))).toBe('parse error : input size too long (131072 > 131072)');
    expect(verdict('é'.repeat(70_000))).toBe('parse error : input size too long (140000 > 131072)');
  });

  it.each([
    ['parentheses', '('.repeat(2000)],
    ['powers', `1${'^1'.repeat(2000)}`],
    ['a chain of operators', `vector(1)${'+vector(1)'.repeat(2000)}`],
    ['aggregations', `${'sum('.repeat(2000)}vector(1)${')'.repeat(2000)}`],
    ['label_replace', 'label_replace('.repeat(2000)],
    ['ranges', `rate(${'('.repeat(2000)}`],
    ['label filter parentheses', `{a="b"} | ${'('.repeat(2000)}`],
    ['a chain of label filters', `{a="b"} | x=1${' or x=1'.repeat(2000)}`],
    ['label filters side by side', `{a="b"} | x=1${' x=1'.repeat(2000)}`],
    ['label filters after unwrap', `rate({a="b"} | unwrap y | x=1${' and x=1'.repeat(2000)} [5m])`],
  ])('refuses endless nesting of %s', (_, query) => {
    expect(verdict(query)).toBe('parse error : query is nested too deeply (more than 1000 levels)');
  });

  it('allows long lists', () => {
    expect(verdict(`{a="b"} |= "x"${' or "x"'.repeat(5000)}`)).toBe('OK');
    expect(verdict(`{a="b"}${' | x=1'.repeat(5000)}`)).toBe('OK');
  });
});

describe('validation', () => {
  it.each(['{}', '{a=""}', '{a!="b"}', '{a=~".*"}', '{a!~"b|c"}', '{a=~"x|"}', 'rate({a=~".*"}[5m])', '{} |= "x"'])(
    '%s names no stream',
    (query) => {
      expect(verdict(query)).toBe(NO_MATCHER);
    },
  );

  it.each(['{a=~".+"}', '{a!=""}', '{a=~"x"}', '{a!~"|x"}', '{a="", b="c"}', 'vector(1)', '1 + 1'])(
    '%s is valid',
    (query) => {
      expect(verdict(query)).toBe('OK');
    },
  );

  it('looks at both legs of an operator', () => {
    expect(verdict('rate({a="b"}[5m]) / rate({a!="b"}[5m])')).toBe(NO_MATCHER);
    expect(verdict('1 + label_replace(sum(rate({}[5m])), "a", "b", "c", "d")')).toBe(NO_MATCHER);
  });

  it.each([
    ['bytes_rate({a="b"} | unwrap x [5m])', 'invalid aggregation bytes_rate with unwrap'],
    ['rate_counter({a="b"}[5m])', 'invalid aggregation rate_counter without unwrap'],
    ['rate({a="b"}[5m]) by (x)', 'grouping not allowed for rate aggregation'],
    ['sum_over_time({a="b"} | unwrap x [5m]) by (x)', 'grouping not allowed for sum_over_time aggregation'],
    ['rate(5, {a="b"}[5m])', 'parameter 5 not supported for operation rate'],
    ['quantile_over_time({a="b"} | unwrap x [5m])', 'parameter required for operation quantile_over_time'],
    ['bottomk(1.2, rate({a="b"}[5m]))', 'invalid parameter bottomk(1.2,'],
    ['topk(0, rate({a="b"}[5m]))', 'invalid parameter (must be greater than 0) topk(0'],
    ['topk(9223372036854775808, rate({a="b"}[5m]))', 'invalid parameter topk(9223372036854775808,'],
    ['sum(3, rate({a="b"}[5m]))', 'unsupported parameter for operation sum(3,'],
    ['approx_topk(rate({a="b"}[5m]))', 'parameter required for operation approx_topk'],
    ['sort by (x) (rate({a="b"}[5m]))', "sort and sort_desc doesn't allow grouping by "],
    ['{a="b"} | json + 1', 'unexpected type for left leg of binary operation (+): *syntax.PipelineExpr'],
    ['1 + {a="b"}', 'unexpected type for right leg of binary operation (+): *syntax.MatchersExpr'],
    ['1 or vector(1)', 'unexpected literal for left leg of logical/set binary operation (or): 1.000000'],
    ['vector(0x10)', 'unable to parse vectorExpr as a float: strconv.ParseFloat: parsing "0x10": invalid syntax'],
    ['vector(1e999)', 'unable to parse vectorExpr as a float: strconv.ParseFloat: parsing "1e999": value out of range'],
  ])('%s: %s', (query, detail) => {
    expect(verdict(query)).toBe(`parse error : ${detail}`);
  });

  it.each([
    ['{a=~"("}', 'error parsing regexp: missing closing ): `(`'],
    ['{a="b"} | x=~"["', 'error parsing regexp: missing closing ]: `[`'],
    ['{a="b"} | drop x!~"*"', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['{a="b"} | regexp "(?P<é>x)"', 'error parsing regexp: invalid named capture: `(?P<é>`'],
    ['{a="b"} | regexp "(x)"', 'at least one named capture must be supplied'],
  ])('%s: %s', (query, detail) => {
    expect(verdict(query)).toContain(detail);
  });

  it.each([
    ['{a="b"} |= "x" |~ "(" |= "y"', '|= "x" |~ "(" |= "y"', 'error parsing regexp: missing closing ): `(`'],
    ['{a="b"} |~ ip("10.0.0.1")', '|~ ip("10.0.0.1")', 'ip: invalid operation'],
    ['{a="b"} |> "<x> y"', '|> "<x> y"', "named captures are not allowed: found '<x>'"],
    ['{a="b"} !> "<_><_>"', '!> "<_><_>"', "found consecutive capture '<_><_>': invalid expression"],
    ['{a="b"} | json é="x"', '| json é="x"', "invalid extracted label name 'é'"],
    ['{a="b"} | label_format __error__="x"', '| label_format __error__="x"', '__error__ cannot be formatted'],
    ['rate({a="b"} | unwrap x | y=ip("nope") [5m])', '| y=ip("nope")', 'ip: invalid pattern: "nope"'],
    ['{a="b"} | x="y" or y=ip("nope")', '| ( x="y" or y=ip("nope") )', 'ip: invalid pattern: "nope"'],
    [
      '{a="b"} | label_format x="{{nosuch}}"',
      '| label_format x="{{nosuch}}"',
      `invalid template for label 'x': template: label:1: function "nosuch" not defined`,
    ],
  ])('%s is refused as the stage %s', (query, stage, detail) => {
    expect(verdict(query)).toBe(`parse error : stage '${stage}' : ${detail}`);
  });
});

describe('label filters', () => {
  const filterOf = (text: string): LabelFilter => {
    const stage = parseLogQuery(`{a="b"} | ${text}`).stages[0] as Extract<Stage, { kind: 'label-filter' }>;
    return stage.filter;
  };

  // Each letter stands for a condition; the answer has every pair in parentheses.
  it.each([
    ['x and y or z', '((x,y) or z)'],
    ['x or y and z', '(x or (y,z))'],
    ['x or y or z', '((x or y) or z)'],
    ['x and y and z', '((x,y),z)'],
    ['x , y or z', '(x,(y or z))'],
    ['x y or z', '(x,(y or z))'],
    ['x or y , z', '(x or (y,z))'],
    ['x and y , z', '(x,(y,z))'],
    ['x , y , z', '(x,(y,z))'],
    ['x or y , z or w', '(x or (y,(z or w)))'],
    ['(x or y) z', '((x or y),z)'],
  ])('%s groups as %s', (text, grouped) => {
    const printed = printLabelFilter(filterOf(text.replace(/[w-z]/g, '$&="1"')));
    expect(printed.replaceAll('="1"', '').replaceAll('( ', '(').replaceAll(' )', ')').replaceAll(' , ', ',')).toBe(
      grouped,
    );
  });

  it('tells numbers, durations, sizes and texts apart', () => {
    expect(filterOf('x > 5')).toEqual({ kind: 'number', name: 'x', op: '>', value: 5 });
    expect(filterOf('x = -5')).toEqual({ kind: 'number', name: 'x', op: '==', value: -5 });
    expect(filterOf('x != 1h30m')).toEqual({ kind: 'duration', name: 'x', op: '!=', value: 5400e9 });
    expect(filterOf('x <= -5ms')).toEqual({ kind: 'duration', name: 'x', op: '<=', value: -5e6 });
    expect(filterOf('x == 1.5KiB')).toEqual({ kind: 'bytes', name: 'x', op: '==', value: 1536 });
    expect(filterOf('x = "5"')).toEqual({ kind: 'string', matcher: { name: 'x', op: '=', value: '5' } });
    expect(filterOf('x != ip("::1")')).toEqual({ kind: 'ip', name: 'x', op: '!=', value: '::1' });
  });
});

describe('metric queries', () => {
  it('fold operators between literals', () => {
    expect(parseLogQL('1 + 2 * 3')).toEqual({ kind: 'literal', value: 7 });
    expect(parseLogQL('2 ^ 3 ^ 2')).toEqual({ kind: 'literal', value: 512 });
    expect(parseLogQL('-2 ^ 2')).toEqual({ kind: 'literal', value: 4 });
    expect(parseLogQL('1 > bool 2 == bool 0')).toEqual({ kind: 'literal', value: 1 });
    expect(parseLogQL('(1 - -1) % 0')).toEqual({ kind: 'literal', value: NaN });
    expect(parseLogQL('1-0')).toEqual({ kind: 'literal', value: 1 });
  });

  it('rank their operators', () => {
    const shape = (text: string): unknown =>
      JSON.parse(
        JSON.stringify(parseLogQL(text.replace(/\b[a-d]\b/g, (c) => `vector(${c.charCodeAt(0)})`))),
        (_, node) =>
          node?.kind === 'vector'
            ? String.fromCharCode(node.value)
            : node?.kind === 'binary'
              ? [node.left, node.op, node.right]
              : node,
      );
    expect(shape('a or b and c unless d')).toEqual(['a', 'or', [['b', 'and', 'c'], 'unless', 'd']]);
    expect(shape('a + b * c ^ d')).toEqual(['a', '+', ['b', '*', ['c', '^', 'd']]]);
    expect(shape('a - b - c')).toEqual([['a', '-', 'b'], '-', 'c']);
    expect(shape('a ^ b ^ c')).toEqual(['a', '^', ['b', '^', 'c']]);
    expect(shape('a > b + c == d')).toEqual([['a', '>', ['b', '+', 'c']], '==', 'd']);
  });

  it('keep modifiers and matching', () => {
    expect(parseLogQL('vector(1) > bool ignoring (a) group_right (b, c) vector(2)')).toMatchObject({
      op: '>',
      bool: true,
      matching: { kind: 'ignoring', labels: ['a'], group: { side: 'right', include: ['b', 'c'] } },
    });
    expect(parseLogQL('vector(1) + vector(2)')).not.toHaveProperty('matching');
  });

  it('read the range wherever it stands', () => {
    const canonical = parseLogQL('avg_over_time({a="b"} | unwrap x [5m] offset 1h)');
    expect(parseLogQL('avg_over_time({a="b"}[5m] offset 1h | unwrap x)')).toEqual(canonical);
    expect(parseLogQL('avg_over_time(({a="b"} | unwrap x)[5m] offset 1h)')).toEqual(canonical);
    expect(parseLogQL('avg_over_time(({a="b"})[5m] offset 1h | unwrap x)')).toEqual(canonical);
    expect(parseLogQL('avg_over_time((({a="b"} | unwrap x [5m] offset 1h)))')).toEqual(canonical);
  });

  it('take a leading number for a parameter only before a comma', () => {
    expect(parseLogQL('sum(2 * vector(1))')).toMatchObject({ inner: { kind: 'binary', left: { value: 2 } } });
    expect(parseLogQL('topk(2, vector(1))')).toMatchObject({ parameter: 2, inner: { kind: 'vector' } });
  });
});

describe('parseSelector', () => {
  it('reads matchers only', () => {
    expect(parseSelector('{a="b", c!~"d"}')).toEqual([
      { name: 'a', op: '=', value: 'b' },
      { name: 'c', op: '!~', value: 'd' },
    ]);
    expect(parseSelector('({a="b"})')).toHaveLength(1);
  });

  it.each(['{a="b"} |= "x"', 'rate({a="b"}[5m])', '1'])('refuses %s', (text) => {
    expect(() => parseSelector(text)).toThrow(new LogQLError('only label matchers are supported'));
    expect(() => parseMatchers(text)).toThrow(new LogQLError('only label matchers are supported'));
  });

  it('wants a matcher that names something, unlike parseMatchers', () => {
    expect(() => parseSelector('{}')).toThrow(new LogQLError(NO_MATCHER));
    expect(parseMatchers('{}')).toEqual([]);
    expect(parseMatchers('{a=~".*"}')).toHaveLength(1);
  });
});

describe('parseLogQuery and parseMetricQuery', () => {
  it('refuse the other kind', () => {
    expect(() => parseLogQuery('vector(1)')).toThrow(new LogQLError('only log selector is supported'));
    expect(() => parseMetricQuery('{a="b"}')).toThrow(new LogQLError('only sample expression supported'));
    expect(parseLogQuery('{a="b"} | json').stages).toHaveLength(1);
    expect(parseMetricQuery('vector(1)').kind).toBe('vector');
  });
});
