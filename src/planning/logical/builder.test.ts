import { describe, expect, it } from 'vitest';
import { goldens } from '../../../test/support/golden.js';
import { logicalPlanOf } from '../../../test/support/plan-case.js';
import { printLogicalPlan } from './print.js';

function printed(query: string, fields: Readonly<Record<string, string>> = {}): string {
  return printLogicalPlan(logicalPlanOf(query, fields));
}

describe('the plans of the engine that this one descends from', () => {
  it('are the same for a selector and a line filter', () => {
    expect(printed('{cluster="prod", namespace=~"loki-.*"} |= "metric.go"')).toBe(`\
%1 = EQ label.cluster "prod"
%2 = MATCH_RE label.namespace "loki-.*"
%3 = AND %1 %2
%4 = MATCH_STR builtin.message "metric.go"
%5 = MAKETABLE [selector=%3, predicates=[%4], shard=0_of_1]
%6 = GTE builtin.timestamp 1970-01-01T01:00:00Z
%7 = SELECT %5 [predicate=%6]
%8 = LT builtin.timestamp 1970-01-01T02:00:00Z
%9 = SELECT %7 [predicate=%8]
%10 = SELECT %9 [predicate=%4]
%11 = TOPK %10 [sort_by=builtin.timestamp, k=1000, asc=false, nulls_first=false]
%12 = LOGQL_COMPAT %11
RETURN %12
`);
  });

  it('are the same for a grouped count', () => {
    expect(printed('sum by (level) (count_over_time({app="test"}[5m]))')).toBe(`\
%1 = EQ label.app "test"
%2 = MAKETABLE [selector=%1, predicates=[], shard=0_of_1]
%3 = GTE builtin.timestamp 1970-01-01T00:55:00Z
%4 = SELECT %2 [predicate=%3]
%5 = LT builtin.timestamp 1970-01-01T02:00:00Z
%6 = SELECT %4 [predicate=%5]
%7 = RANGE_AGGREGATION %6 [operation=count, start_ts=1970-01-01T01:00:00Z, end_ts=1970-01-01T02:00:00Z, step=0s, range=5m0s]
%8 = VECTOR_AGGREGATION %7 [operation=sum, group_by=(ambiguous.level)]
%9 = LOGQL_COMPAT %8
RETURN %9
`);
  });

  it('are the same for a parser and a label filter', () => {
    expect(printed('{app="test"} | json | level="error"', { limit: '100' })).toBe(`\
%1 = EQ label.app "test"
%2 = MAKETABLE [selector=%1, predicates=[], shard=0_of_1]
%3 = GTE builtin.timestamp 1970-01-01T01:00:00Z
%4 = SELECT %2 [predicate=%3]
%5 = LT builtin.timestamp 1970-01-01T02:00:00Z
%6 = SELECT %4 [predicate=%5]
%7 = PROJECT %6 [mode=*E, expr=PARSE_JSON(builtin.message, [], false, false)]
%8 = EQ ambiguous.level "error"
%9 = SELECT %7 [predicate=%8]
%10 = TOPK %9 [sort_by=builtin.timestamp, k=100, asc=false, nulls_first=false]
%11 = LOGQL_COMPAT %10
RETURN %11
`);
  });

  it('are the same for filters of both kinds', () => {
    const query =
      '{cluster="prod", namespace=~"loki-.*"} | foo="bar" or bar="baz" |= "metric.go" |= "foo" or "bar" !~ "(a|b|c)"';
    expect(printed(query)).toBe(`\
%1 = EQ label.cluster "prod"
%2 = MATCH_RE label.namespace "loki-.*"
%3 = AND %1 %2
%4 = EQ ambiguous.foo "bar"
%5 = EQ ambiguous.bar "baz"
%6 = OR %4 %5
%7 = MATCH_STR builtin.message "metric.go"
%8 = MATCH_STR builtin.message "foo"
%9 = MATCH_STR builtin.message "bar"
%10 = OR %8 %9
%11 = AND %7 %10
%12 = NOT_MATCH_RE builtin.message "(a|b|c)"
%13 = AND %11 %12
%14 = MAKETABLE [selector=%3, predicates=[%6, %13], shard=0_of_1]
%15 = GTE builtin.timestamp 1970-01-01T01:00:00Z
%16 = SELECT %14 [predicate=%15]
%17 = LT builtin.timestamp 1970-01-01T02:00:00Z
%18 = SELECT %16 [predicate=%17]
%19 = SELECT %18 [predicate=%6]
%20 = SELECT %19 [predicate=%13]
%21 = TOPK %20 [sort_by=builtin.timestamp, k=1000, asc=false, nulls_first=false]
%22 = LOGQL_COMPAT %21
RETURN %22
`);
  });

  it('are the same for a filtered count', () => {
    const query = 'sum by (level) (count_over_time({cluster="prod", namespace=~"loki-.*"} |= "metric.go"[5m]))';
    expect(printed(query)).toContain(`\
%4 = MATCH_STR builtin.message "metric.go"
%5 = MAKETABLE [selector=%3, predicates=[%4], shard=0_of_1]
%6 = GTE builtin.timestamp 1970-01-01T00:55:00Z
%7 = SELECT %5 [predicate=%6]
%8 = LT builtin.timestamp 1970-01-01T02:00:00Z
%9 = SELECT %7 [predicate=%8]
%10 = SELECT %9 [predicate=%4]
%11 = RANGE_AGGREGATION %10 [operation=count, start_ts=1970-01-01T01:00:00Z, end_ts=1970-01-01T02:00:00Z, step=0s, range=5m0s]
%12 = VECTOR_AGGREGATION %11 [operation=sum, group_by=(ambiguous.level)]
%13 = LOGQL_COMPAT %12
RETURN %13
`);
  });

  it('are the same for arithmetic', () => {
    expect(printed('sum by (level) ((rate({cluster="prod"}[5m]) - 100) ^ 2)')).toContain(`\
%8 = DIV %7 300
%9 = SUB %8 100
%10 = POW %9 2
%11 = VECTOR_AGGREGATION %10 [operation=sum, group_by=(ambiguous.level)]
`);
  });

  it('are the same for dropped labels', () => {
    expect(printed('{app="x"} | drop level,detected_level')).toContain(
      '%7 = PROJECT %6 [mode=*D, expr=ambiguous.level, expr=ambiguous.detected_level]\n',
    );
  });
});

describe('logical plans', () => {
  it('are bounded in size', () => {
    const many = (count: number, text: string, separator = ' '): string => Array(count).fill(text).join(separator);
    expect(() => printed(`{a="b"} ${many(1000, '| json')}`)).not.toThrow();
    expect(() => printed(`{a="b"} ${many(1001, '| json')}`)).toThrow('too many stages in a pipeline: 1001 > 1000');
    expect(() => printed(`{a="b"} |= ${many(1001, '"x"', ' or ')}`)).toThrow('too many operands of a line filter');
    expect(() => printed(`{${many(1001, 'a="b"', ',')}}`)).toThrow('too many matchers in a selector');
  });

  for (const golden of goldens(new URL('./testdata/', import.meta.url))) {
    it(golden.claim, () => {
      golden.check([['logical', printed(golden.fields.query!, golden.fields)]]);
    });
  }
});
