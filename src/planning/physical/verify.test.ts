import { describe, expect, it } from 'vitest';
import { physicalPlanOf } from '../../../test/support/plan-case.js';
import { VALUE } from './expression.js';
import type { Node, RangeAggregation } from './node.js';
import { optimize } from './optimize.js';
import { verifyPhysicalPlan } from './verify.js';

function aggregationOf(query: string): RangeAggregation {
  const plan = physicalPlanOf(query);
  if (plan.kind !== 'range-aggregation') throw new Error('not an aggregation');
  return plan;
}

describe('verifyPhysicalPlan', () => {
  const aggregation = aggregationOf('count_over_time({a="b"}[5m])');

  it('accepts plans before and after optimisation', () => {
    expect(() => verifyPhysicalPlan(aggregation)).not.toThrow();
    expect(() => verifyPhysicalPlan(optimize(aggregation).plan)).not.toThrow();
  });

  it('refuses a merge of what has not been folded', () => {
    expect(() => verifyPhysicalPlan({ ...aggregation, mode: 'final' })).toThrow(
      'takes states but parallelize yields rows',
    );
  });

  it('refuses rows where samples belong', () => {
    const plan: Node = { kind: 'sort', descending: false, input: aggregation.input };
    expect(() => verifyPhysicalPlan(plan)).toThrow('sort takes samples');
  });

  it('refuses samples of one target', () => {
    expect(() => verifyPhysicalPlan({ kind: 'parallelize', input: aggregation })).toThrow('is parallel twice');
    const single = { ...aggregation, input: scanSet([]) };
    expect(() => verifyPhysicalPlan({ kind: 'parallelize', input: single })).toThrow('makes samples of a part');
  });

  it('refuses a Parallelize without a scan set', () => {
    const plan: Node = {
      kind: 'parallelize',
      input: { kind: 'vector-constant', value: 1, start: 0n, end: 0n, stepNs: 0 },
    };
    expect(() => verifyPhysicalPlan(plan)).toThrow('is not over one scan set');
  });

  it('refuses conditions that a scan cannot know', () => {
    expect(() => verifyPhysicalPlan(scanSet([VALUE]))).toThrow('scan-set cannot know generated.value');
  });

  it('refuses sources outside of a workflow', () => {
    expect(() => verifyPhysicalPlan({ kind: 'source', slot: 0 })).toThrow('belongs into a workflow');
  });

  function scanSet(columns: readonly (typeof VALUE)[]): Node {
    const literal = { kind: 'literal', type: 'float', value: 1 } as const;
    const predicates = columns.map((column) => ({ kind: 'compare', op: 'GT', column, literal }) as const);
    return { kind: 'scan-set', targets: [], scan: { range: { start: 0n, end: 1n }, predicates, order: 'any' } };
  }
});
