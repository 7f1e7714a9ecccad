/** The grammar: what binds to what, where things may stand, and how refusals read (A13-A21). */
import { describe, expect, test } from 'vitest';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { printExpr } from '../../src/planning/logql/print.js';
import { surface } from '../support/surface.js';

/** The query in canonical form, where every operator has parentheses, or the message it is refused with. */
function canonical(query: string): string {
  try {
    return printExpr(parseLogQL(query));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Letters stand for vectors. */
function grouped(query: string): string {
  const letters = 'abcd';
  const printed = canonical(query.replace(/\b[a-d]\b/g, (letter) => `vector(${letters.indexOf(letter) + 1})`));
  return printed.replace(/vector\((\d)\.0+\)/g, (_, digit: string) => letters[Number(digit) - 1]!);
}

describe('A13: precedence', () => {
  test.each([
    ['a or b and c', '(a or (b and c))'],
    ['a and b or c', '((a and b) or c)'],
    ['a and b unless c', '((a and b) unless c)'],
    ['a unless b and c', '((a unless b) and c)'],
    ['a or b or c', '((a or b) or c)'],
    ['a and b > c', '(a and (b > c))'],
    ['a > b == c', '((a > b) == c)'],
    ['a > b + c', '(a > (b + c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a - b * c', '(a - (b * c))'],
    ['a / b * c % d', '(((a / b) * c) % d)'],
    ['a * b ^ c', '(a * (b ^ c))'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['a ^ b * c', '((a ^ b) * c)'],
    ['(a or b) and c', '((a or b) and c)'],
    ['((a))', 'a'],
    ['a + (b + c)', '(a + (b + c))'],
  ])('%s is %s', (query, shape) => {
    expect(grouped(query)).toBe(shape);
  });
});

describe('A14: a sign belongs to its number', () => {
  test.each([
    ['-2 ^ 2', '4'],
    ['1 - -1', '2'],
    ['1 + + 1', '2'],
    ['2 ^ -1', '0.5'],
    ['- 3', '-3'],
  ])('%s is %s', (query, value) => {
    expect(canonical(query)).toBe(value);
  });

  test.each(['-(1)', '- rate({a="b"}[5m])', '-vector(1)', '1 + -vector(1)', '--1', '- - 1'])('%s is none', (query) => {
    expect(canonical(query)).toContain(', expecting NUMBER');
  });
});

describe('A16: bool', () => {
  test.each(['> bool', '== bool', '+ bool', 'and bool', '> bool on (x)', '> bool ignoring () group_left ()'])(
    '%s',
    (operator) => {
      expect(canonical(`vector(1) ${operator} vector(2)`)).toContain(operator.split(' ')[1]!);
    },
  );

  test.each(['bool >', '> on (x) bool', '> bool bool'])('not %s', (operator) => {
    expect(canonical(`vector(1) ${operator} vector(2)`)).toContain('syntax error: unexpected bool');
  });

  test('does nothing for arithmetic', async () => {
    expect(await surface([]).samples('vector(2) + bool vector(3)')).toEqual(['{} 5']);
  });
});

describe('A17: group_left and group_right', () => {
  test.each([
    ['* on (x) group_left', '(a * on (x) group_left b)'],
    ['* on (x) group_left ()', '(a * on (x) group_left b)'],
    ['* ignoring (x) group_right (y, z)', '(a * ignoring (x) group_right (y,z) b)'],
    ['* on () group_left', '(a * on () group_left b)'],
  ])('%s', (operator, shape) => {
    expect(grouped(`a ${operator} b`)).toBe(shape);
  });

  test('a parenthesis behind them is a list of labels', () => {
    expect(canonical('vector(1) * on (x) group_left (vector(2))')).toContain(
      'unexpected VECTOR, expecting IDENTIFIER or )',
    );
    expect(grouped('a * on (x) group_left () (b + c)')).toBe('(a * on (x) group_left () (b + c))');
  });

  test('are nothing without on or ignoring', () => {
    expect(canonical('vector(1) * group_left vector(2)')).toContain('unexpected group_left');
  });

  test('sets have none', () => {
    expect(canonical('vector(1) and on (x) group_left vector(2)')).not.toContain('syntax error');
  });
});

describe('A18: unwrap', () => {
  test.each(['| json', '|= "x"', '| unwrap y', '| line_format "x"', '| drop x', '| label_format a=b'])(
    'is not followed by %s',
    (stage) => {
      expect(canonical(`sum_over_time({a="b"} | unwrap x ${stage} [5m])`)).toContain('syntax error: unexpected');
    },
  );

  test.each([
    '{a="b"} | unwrap x | y="z" [5m]',
    '{a="b"} | unwrap x | y > 5 or z="1" | w = ip("::1") [5m]',
    '{a="b"}[5m] | unwrap x | y="z"',
    '({a="b"})[5m] | unwrap x | y="z"',
    '({a="b"} | unwrap x | y="z")[5m]',
    '({a="b"} | unwrap x | y="z" [5m])',
    '{a="b"} | unwrap duration(x)[5m] offset 1h',
    '{a="b"} | json | unwrap bytes(bytes) [5m]',
    '{a="b"} | json | unwrap rate [5m]',
  ])('%s', (range) => {
    expect(canonical(`sum_over_time(${range})`)).toMatch(/^sum_over_time\(.*unwrap/);
  });

  test('is for ranges only', () => {
    expect(canonical('{a="b"} | unwrap x')).toBe('parse error at line 1, col 11: syntax error: unexpected unwrap');
  });
});

test('A19: operands of or take the operator of the first', () => {
  expect(canonical('{a="b"} |~ "x" or "y" or "z" != "w"')).toBe('{a="b"} |~ "x" or "y" or "z" != "w"');
  expect(canonical('{a="b"} |= "x" or != "y"')).toContain('unexpected !=, expecting STRING or ip');
});

describe('A20: a refusal says where', () => {
  test.each([
    ['{a="b"}\n| json\n| nope ,', 'parse error at line 3, col 8: syntax error: unexpected ,'],
    ['{a="ü"} nope', 'parse error at line 1, col 9: syntax error: unexpected IDENTIFIER'],
    ['{a="🚀"} nope', 'parse error at line 1, col 9: syntax error: unexpected IDENTIFIER'],
    ['sum({a="b"} |= "x" [5m])', 'parse error at line 0, col 20: syntax error: unexpected RANGE'],
  ])('%j', (query, message) => {
    expect(canonical(query)).toContain(message);
  });

  test('and only once: the first', () => {
    expect(canonical('{a=b, c=d')).toBe(
      'parse error at line 1, col 4: syntax error: unexpected IDENTIFIER, expecting STRING',
    );
  });
});

describe('A21: a stage that cannot be built is named as it prints', () => {
  test.each([
    ['{a="b"} |~ "("', '|~ "("', 'error parsing regexp: missing closing ): `(`'],
    ['{a="b"} | line_format "{{"', '| line_format "{{"', 'invalid line template: template: line:1: unclosed action'],
    ['{a="b"} | json x="["', '| json x="["', 'cannot parse expression [[]: '],
    ['rate({a="b"} | a = ip("x") [5m])', '| a=ip("x")', 'ip: invalid pattern: "x"'],
  ])('%s', (query, stage, detail) => {
    expect(canonical(query)).toContain(`parse error : stage '${stage}' : ${detail}`);
  });
});
