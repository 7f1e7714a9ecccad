import { describe, expect, it } from 'vitest';
import { physicalPlanOf } from '../../../test/support/plan-case.js';
import type { Node } from './node.js';
import { optimize, PASSES } from './optimize.js';

describe('optimize', () => {
  it('says which passes fired, and how often', () => {
    const { fired } = optimize(physicalPlanOf('sum by (x) (rate({a="b"} |= "c" | json [5m]))'));
    expect(fired).toEqual([
      { pass: 'predicate-pushdown', iterations: 1 },
      { pass: 'group-by-pushdown', iterations: 1 },
      { pass: 'projection-pushdown', iterations: 1 },
      { pass: 'parallel-pushdown', iterations: 1 },
      { pass: 'aggregation-split', iterations: 1 },
    ]);
  });

  it('runs the passes in a fixed order', () => {
    expect(PASSES.map((pass) => pass.name)).toEqual([
      'predicate-pushdown',
      'late-projection',
      'limit-pushdown',
      'limit-range',
      'group-by-pushdown',
      'projection-pushdown',
      'parallel-pushdown',
      'aggregation-split',
    ]);
  });

  it('has nothing left to do for a plan that is optimal', () => {
    const { plan } = optimize(physicalPlanOf('{a="b"} |= "c" | json | x="1" | line_format "{{.y}}"'));
    expect(optimize(plan)).toEqual({ plan, fired: [] });
  });

  it('gives up on a pass that never comes to rest', () => {
    const restless = { name: 'restless', run: (plan: Node): Node => ({ ...plan }) };
    const { fired } = optimize(physicalPlanOf('vector(1)'), [restless]);
    expect(fired).toEqual([{ pass: 'restless', iterations: 10 }]);
  });
});
