import { describe, expect, it } from 'vitest';
import { physicalPlanOf } from '../../../test/support/plan-case.js';
import type { RowFunction } from './expression.js';
import { inputsOf, type Node } from './node.js';

function functions(node: Node): readonly RowFunction[] {
  const own = node.kind === 'projection' ? node.functions : [];
  return [...inputsOf(node).flatMap(functions), ...own];
}

function until(query: string): readonly (readonly string[] | undefined)[] {
  return functions(physicalPlanOf(query)).flatMap((fn) => ('until' in fn ? [fn.until] : []));
}

function preserves(query: string): boolean {
  const find = (node: Node): boolean =>
    node.kind === 'range-aggregation' ? node.preserveErrors === true : inputsOf(node).some(find);
  return find(physicalPlanOf(query));
}

describe('how far a line is read', () => {
  it.each([
    ['sum(rate({a="b"} | json [5m]))', []],
    ['sum(count_over_time({a="b"} | json | x="1" | y > 2 [5m]))', ['x', 'y']],
    ['sum by (z) (bytes_over_time({a="b"} | json | x="1" [5m]))', ['x', 'z']],
    ['sum by (level_extracted) (count_over_time({a="b"} | json [5m]))', ['level', 'level_extracted']],
    ['sum(sum_over_time({a="b"} | json | unwrap v [5m]))', ['v']],
    ['avg_over_time({a="b"} | json | unwrap v [5m]) by (x)', ['v', 'x']],
    ['absent_over_time({a="b"} | json [5m])', []],
    ['absent_over_time({a="b"} | x="1" | json [5m])', ['x']],
    ['sum(count_over_time({a="b"} | json | label_format p=q, r="{{.s}}" [5m]))', ['q', 's']],
    ['sum(count_over_time({a="b"} | json | line_format "{{.m}}" |= "x" [5m]))', ['m']],
    ['sum(count_over_time({a="b"} | json | line_format "{{.m}}" [5m]))', []],
    ['sum(count_over_time({a="b"} | json x="y" [5m]))', []],
    ['sum by (x) (count_over_time({a="b"} | logfmt --strict [5m]))', ['x']],
    ['sum(count_over_time({a="b"} | unpack [5m]))', []],
  ])('%s stops at %j', (query, expected) => {
    expect(until(query)).toEqual([expected]);
  });

  it.each([
    '{a="b"} | json',
    'count_over_time({a="b"} | json [5m])',
    'sum without (x) (rate({a="b"} | json [5m]))',
    'max by (x) (max_over_time({a="b"} | json | unwrap v [5m]))',
    'sum(rate({a="b"} | json [5m]) + 1)',
    'sum(avg_over_time({a="b"} | json | unwrap v [5m]))',
    'sum(count_over_time({a="b"} | json | __error__="" [5m]))',
    'sum by (x) (count_over_time({a="b"} | json | label_format y="{{.}}" [5m]))',
    'sum(bytes_over_time({a="b"} | unpack [5m]))',
  ])('%s reads to the end', (query) => {
    expect(until(query)).toEqual([]);
  });

  it('is the same for every parser of a pipeline', () => {
    expect(until('sum by (x) (count_over_time({a="b"} | json | logfmt y="z" [5m]))')).toEqual([['x'], ['x']]);
  });
});

describe('rows with a parser error', () => {
  it.each([
    'sum by (__error__) (count_over_time({a="b"} | json [5m]))',
    'sum(count_over_time({a="b"} | json | __error__!="" [5m]))',
    'max_over_time({a="b"} | json | unwrap v | __error__="" [5m]) by (x)',
  ])('are wanted by %s', (query) => {
    expect(preserves(query)).toBe(true);
  });

  it.each([
    'sum(count_over_time({a="b"} | json [5m]))',
    'count_over_time({a="b"} | json | __error__!="" [5m])',
    'avg by (__error__) (count_over_time({a="b"} | json [5m]))',
  ])('fail %s', (query) => {
    expect(preserves(query)).toBe(false);
  });
});
