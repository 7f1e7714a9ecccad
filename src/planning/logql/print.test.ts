import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryLogQL } from '../../../test/support/arbitrary-logql.js';
import { parseLogQL } from './parser.js';
import { prettyPrint } from './prettify.js';
import { printExpr } from './print.js';

const { expr } = arbitraryLogQL();

describe('printExpr', () => {
  it('prints what parses to the same tree', () => {
    fc.assert(
      fc.property(expr, (tree) => {
        expect(parseLogQL(printExpr(tree))).toEqual(tree);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['{ a = "b" , c=~`d.*` }', '{a="b", c=~"d.*"}'],
    ['{a="b"}|="x"or ip("10.0.0.1")!~`y`', '{a="b"} |= "x" or ip("10.0.0.1") !~ "y"'],
    [
      '{a="b"}|json x,y="z.w"|logfmt --keep-empty --strict',
      '{a="b"} | json x="x",y="z.w" | logfmt --strict --keep-empty',
    ],
    ['{a="b"}|x=5 and y>=1h30m or z<5KB', '{a="b"} | ( ( x==5 , y>=1h30m0s ) or z<5.0kB )'],
    ['{a="b"}|label_format a=b,c=`d`|drop e,f="g"|keep h', '{a="b"} | label_format a=b,c="d" | drop e,f="g" | keep h'],
    ['sum by(x,y)(rate({a="b"}[90s]offset 1h))', 'sum by (x,y)(rate({a="b"}[1m30s] offset 1h0m0s))'],
    [
      'avg_over_time({a="b"}|unwrap bytes(x)|y!=""[5m])by()',
      'avg_over_time({a="b"} | unwrap bytes(x) | y!=""[5m]) by ()',
    ],
    ['topk(3,sum(vector(2)))', 'topk(3,sum(vector(2.000000)))'],
    ['vector(1)>bool on(x)group_left(y)vector(2)', '(vector(1.000000) > bool on (x) group_left (y) vector(2.000000))'],
    ['vector(1)*on()group_right()(vector(2)+3)', '(vector(1.000000) * on () group_right () (vector(2.000000) + 3))'],
    ['2*3+1000000*vector(0.5)', '(6 + (1e+06 * vector(0.500000)))'],
    ['1/0', '(0 / 0)'],
    ['2^1024-2^2000', '(0 / 0)'],
  ])('%s is printed as %s', (query, text) => {
    expect(printExpr(parseLogQL(query))).toBe(text);
  });

  it('never rounds a size', () => {
    const printed = ['5120B', '5KB', '1234567B', '1.5MiB', '0B', '100PB'].map((size) =>
      printExpr(parseLogQL(`{a="b"} | x > ${size}`)).replace('{a="b"} | x>', ''),
    );
    expect(printed).toEqual(['5KiB', '5.0kB', '1234567B', '1536KiB', '0B', '100PB']);
  });
});

describe('prettyPrint', () => {
  it('prints what parses to the same tree', () => {
    fc.assert(
      fc.property(expr, (tree) => {
        expect(parseLogQL(prettyPrint(tree))).toEqual(tree);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves a short query on one line', () => {
    expect(prettyPrint(parseLogQL('sum by(app)(rate({app="nginx"}[1m]))'))).toBe(
      'sum by (app)(rate({app="nginx"}[1m]))',
    );
  });

  it('breaks operators over lines as Loki does', () => {
    const query =
      'sum(rate({app="nginx"} |= "a" | json | line_format "{{.x}}" [5m])) by (app) ' +
      '/ on (app) group_left(env) sum by (app,env) (rate({app="nginx"}[5m])) > bool 2';
    expect(prettyPrint(parseLogQL(query))).toBe(
      [
        '    sum by (app)(rate({app="nginx"} |= "a" | json | line_format "{{.x}}"[5m]))',
        '  / on (app) group_left (env)',
        '    sum by (app,env)(rate({app="nginx"}[5m]))',
        '> bool',
        '  2',
      ].join('\n'),
    );
  });

  it('keeps the parentheses that a broken leg needs', () => {
    const long = `rate({app="nginx", env="production", cluster="eu-west-1"} |= "needle in the haystack"[5m])`;
    const printed = prettyPrint(parseLogQL(`(${long} + ${long}) * vector(2)`));
    expect(printed).toBe(
      ['  (', `      ${long}`, '    +', `      ${long}`, '  )', '*', '  vector(2.000000)'].join('\n'),
    );
  });

  it('gives every stage and parameter its own line', () => {
    const query =
      'quantile_over_time(0.99, {app="nginx", env="production"} |= "a" != "b" | json | level="error" ' +
      '| line_format "a long template: {{.message}}" | unwrap duration(latency) | __error__="" [5m] offset 1h) by (a, b)';
    expect(prettyPrint(parseLogQL(`topk by (a) (3, ${query})`))).toBe(
      [
        'topk by (a)(',
        '  3,',
        '  quantile_over_time(',
        '    0.99,',
        '    {app="nginx", env="production"}',
        '      |= "a" != "b"',
        '      | json',
        '      | level="error"',
        '      | line_format "a long template: {{.message}}"',
        '      | unwrap duration(latency)',
        '      | __error__="" [5m] offset 1h',
        '  ) by (a, b)',
        ')',
      ].join('\n'),
    );
  });

  it('breaks label_replace into its parameters', () => {
    const query =
      'label_replace(sum by (service) (rate({job="api-server", cluster="eu-west-1"} |= "x" [5m])), "foo", "$1", "service", "(.*):.*")';
    expect(prettyPrint(parseLogQL(query))).toBe(
      [
        'label_replace(',
        '  sum by (service)(rate({job="api-server", cluster="eu-west-1"} |= "x"[5m])),',
        '  "foo",',
        '  "$1",',
        '  "service",',
        '  "(.*):.*"',
        ')',
      ].join('\n'),
    );
  });
});
