/** What parses but means nothing, and the words in which it is refused (A22-A29). */
import { describe, expect, test } from 'vitest';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { surface } from '../support/surface.js';

function verdict(query: string): string {
  try {
    parseLogQL(query);
    return 'OK';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('A22: a selector names something', () => {
  const MESSAGE =
    'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
    'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will';

  test.each([
    ...['{}', '{a=""}', '{a!="b"}', '{a=~".*"}', '{a!~"b|c"}', '{a=~"x|"}', '{a=~"x?"}', '{a="", b!="c"}', '{a=~""}'],
    ...['rate({a=""}[5m])', 'sum(rate({a="b"}[5m])) / rate({}[5m])', 'vector(1) + rate({a=~".*"}[5m])'],
    'label_replace(rate({}[5m]), "a", "b", "c", "d")',
  ])('%s does not', (query) => {
    expect(verdict(query)).toBe(MESSAGE);
  });

  test.each([
    ...['{a=~".+"}', '{a!=""}', '{a=~"x"}', '{a!~"|x"}', '{a="b", c=~".*"}', '{a!~".*"}', '{a!~""}', '{a=~"a|b"}'],
    ...['vector(1) + rate({a="b"}[5m])', '1 + rate({a="b"}[5m])'],
  ])('%s does', (query) => {
    expect(verdict(query)).toBe('OK');
  });
});

describe('A23: what range aggregations take', () => {
  const LINES = '{a="b"} [5m]';
  const SAMPLES = '{a="b"} | unwrap x [5m]';
  const yes = true;
  const no = false;

  // Over samples, over lines, grouped (over whichever it takes).
  test.each([
    ['count_over_time', no, yes, no],
    ['bytes_over_time', no, yes, no],
    ['bytes_rate', no, yes, no],
    ['rate', yes, yes, no],
    ['rate_counter', yes, no, no],
    ['sum_over_time', yes, no, no],
    ['avg_over_time', yes, no, yes],
    ['max_over_time', yes, no, yes],
    ['min_over_time', yes, no, yes],
    ['stddev_over_time', yes, no, yes],
    ['stdvar_over_time', yes, no, yes],
    ['first_over_time', yes, no, yes],
    ['last_over_time', yes, no, yes],
    ['absent_over_time', yes, yes, no],
  ])('%s', (op, unwrap, plain, grouping) => {
    expect(verdict(`${op}(${SAMPLES})`)).toBe(unwrap ? 'OK' : `parse error : invalid aggregation ${op} with unwrap`);
    expect(verdict(`${op}(${LINES})`)).toBe(plain ? 'OK' : `parse error : invalid aggregation ${op} without unwrap`);
    const range = unwrap ? SAMPLES : LINES;
    const refusal = `parse error : grouping not allowed for ${op} aggregation`;
    for (const by of ['by (x)', 'without (x)', 'by ()']) {
      expect(verdict(`${op}(${range}) ${by}`)).toBe(grouping ? 'OK' : refusal);
    }
    expect(verdict(`${op}(2, ${range})`)).toBe(`parse error : parameter 2 not supported for operation ${op}`);
  });

  test('quantile_over_time alone has a parameter', () => {
    expect(verdict(`quantile_over_time(0.9, ${SAMPLES}) by (x)`)).toBe('OK');
    expect(verdict(`quantile_over_time(1.5, ${SAMPLES})`)).toBe('OK');
    expect(verdict(`quantile_over_time(${SAMPLES})`)).toBe(
      'parse error : parameter required for operation quantile_over_time',
    );
    expect(verdict(`quantile_over_time(0.9, ${LINES})`)).toBe(
      'parse error : invalid aggregation quantile_over_time without unwrap',
    );
  });
});

describe('A24: what vector aggregations take', () => {
  test.each([
    ['topk(vector(1))', 'parameter required for operation topk'],
    ['bottomk(1.2, vector(1))', 'invalid parameter bottomk(1.2,'],
    ['topk(0, vector(1))', 'invalid parameter (must be greater than 0) topk(0'],
    ['topk(1e1, vector(1))', 'invalid parameter topk(1e1,'],
    ['approx_topk(0, vector(1))', 'invalid parameter (must be greater than 0) approx_topk(0'],
    ['sum(3, vector(1))', 'unsupported parameter for operation sum(3,'],
    ['sort(3, vector(1))', 'unsupported parameter for operation sort(3,'],
    ['sort(vector(1)) by (x)', "sort and sort_desc doesn't allow grouping by "],
    ['sort_desc by (x) (vector(1))', "sort and sort_desc doesn't allow grouping by "],
    ['approx_topk by (x) (1, vector(1))', 'grouping not allowed for approx_topk aggregation'],
  ])('not %s', (query, message) => {
    expect(verdict(query)).toBe(`parse error : ${message}`);
  });
});

describe('A25: legs of binary operations', () => {
  test.each([
    ['{a="b"} + 1', 'unexpected type for left leg of binary operation (+): *syntax.MatchersExpr'],
    ['1 + {a="b"}', 'unexpected type for right leg of binary operation (+): *syntax.MatchersExpr'],
    ['{a="b"} | json > 1', 'unexpected type for left leg of binary operation (>): *syntax.PipelineExpr'],
    ['{a="b"} and {a="c"}', 'unexpected type for left leg of binary operation (and): *syntax.MatchersExpr'],
    ['vector(1) or 1', 'unexpected literal for right leg of logical/set binary operation (or): 1.000000'],
    ['0.5 unless vector(1)', 'unexpected literal for left leg of logical/set binary operation (unless): 0.500000'],
    ['vector(1) and 2 ^ 3', 'unexpected literal for right leg of logical/set binary operation (and): 8.000000'],
  ])('not %s', (query, message) => {
    expect(verdict(query)).toBe(`parse error : ${message}`);
  });
});

describe('A26: label_replace', () => {
  test('wants a regular expression', () => {
    expect(verdict('label_replace(vector(1), "a", "b", "c", "(")')).toBe(
      'parse error : invalid regex in label_replace: error parsing regexp: missing closing ): `^(?:()$`',
    );
    expect(verdict('label_replace(vector(1), "a-b", "$9", "", "")')).toBe('OK');
  });
});

describe('A27: what stages take', () => {
  test.each([
    ['| regexp "x"', 'invalid regexp parser: at least one named capture must be supplied'],
    ['| regexp "(x)"', 'invalid regexp parser: at least one named capture must be supplied'],
    ['| regexp "(?P<a>x)(?P<a>y)"', "invalid regexp parser: duplicate extracted label name 'a'"],
    ['| regexp "(?P<é>x)"', 'invalid regexp parser: error parsing regexp: invalid named capture: `(?P<é>`'],
    ['| regexp "(?P<a>x"', 'invalid regexp parser: error parsing regexp: missing closing ): `(?P<a>x`'],
    ['| pattern "x"', 'invalid pattern parser: at least one capture is required'],
    ['| pattern "<_>"', 'invalid pattern parser: at least one capture is required'],
    ['| pattern "<a><b>"', "invalid pattern parser: found consecutive capture '<a><b>': invalid expression"],
    ['| pattern "<a> <a>"', 'invalid pattern parser: duplicate capture name (a): invalid expression'],
    ['|> "<x> y"', "named captures are not allowed: found '<x>'"],
    ['|= ip("x")', 'ip: invalid pattern: "x"'],
    ['|~ ip("::1")', 'ip: invalid operation'],
    ['| json x="a["', 'cannot parse expression [a[]: '],
    ['| logfmt x="a.b"', 'cannot parse expression [a.b]: unexpected char .'],
    ['| line_format "{{.x"', 'invalid line template: template: line:1: '],
    ['| line_format "{{nosuchfunc}}"', 'invalid line template: template: line:1: function "nosuchfunc" not defined'],
    ['| label_format a="{{"', "invalid template for label 'a': template: label:1: unclosed action"],
    ['| label_format __error__="x"', '__error__ cannot be formatted'],
    ['| label_format a=b,a="c"', "multiple label name 'a' not allowed in a single format operation"],
    ['| x =~ "("', 'error parsing regexp: missing closing ): `(`'],
    ['| drop x=~"["', 'error parsing regexp: missing closing ]: `[`'],
    ['!~ "a{1001}"', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ])('not %s', (stage, message) => {
    expect(verdict(`{a="b"} ${stage}`)).toContain(message);
    expect(verdict(`{a="b"} ${stage}`)).toMatch(/^parse error /);
  });
});

describe('A28: kinds of queries', () => {
  const rows = surface(['x']);

  test('a log query has no instant', async () => {
    expect(await rows.fault('{app="x"}', { mode: 'instant', stepNs: 0 })).toBe(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    );
  });
});

test('A29: a range may be limited', async () => {
  const rows = surface(['x'], { max_query_range_ms: 3_600_000 });
  expect(await rows.fault('count_over_time({app="x"}[2h])')).toBe('[interval] value exceeds limit: [2h] > [1h]');
  expect(await rows.samples('count_over_time({app="x"}[1h])')).toEqual(['{} 1']);
});
