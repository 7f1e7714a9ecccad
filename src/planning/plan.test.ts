import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_VOCABULARY, arbitraryLogQL } from '../../test/support/arbitrary-logql.js';
import { goldens } from '../../test/support/golden.js';
import { countingIds, live, parametersOf, section, sections } from '../../test/support/plan-case.js';
import { explainPlan } from './explain.js';
import type { CatalogSnapshot } from './facts.js';
import { verifyLogicalPlan } from './logical/verify.js';
import type { Expr } from './logql/ast.js';
import { parseLogQL } from './logql/parser.js';
import { verifyPhysicalPlan } from './physical/verify.js';
import { type PlannedQuery, planQuery, resultShape } from './plan.js';
import { selectorsOf } from './selectors.js';
import { verifyWorkflow } from './workflow/verify.js';

const SNAPSHOT: CatalogSnapshot = { targets: [section(), live()] };

function planned(expr: Expr, fields: Readonly<Record<string, string>> = {}, snapshot = SNAPSHOT): PlannedQuery {
  const parameters = parametersOf(fields);
  const snapshots = selectorsOf(expr, parameters).map(() => snapshot);
  return planQuery(expr, parameters, snapshots, countingIds());
}

describe('planQuery', () => {
  it('has a sound plan for every query, whose passes have come to rest', () => {
    const { expr } = arbitraryLogQL(ANY_VOCABULARY);
    const fields = fc.record({
      direction: fc.constantFrom('forward', 'backward'),
      step: fc.constantFrom('0', '60'),
      interval: fc.constantFrom('0', '5'),
    });
    const property = fc.property(expr, fields, (query, chosen) => {
      const plan = planned(query, chosen);
      verifyLogicalPlan(plan.logical);
      verifyLogicalPlan(plan.simplified);
      verifyPhysicalPlan(plan.physical);
      verifyPhysicalPlan(plan.optimised);
      verifyWorkflow(plan.workflow);
      expect(plan.fired.every(({ iterations }) => iterations < 10)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('explains equal queries in equal words', () => {
    const explain = (): string => explainPlan(planned(parseLogQL('sum(rate({a="b"} | json | x=~"y|z" [5m]))')));
    expect(explain()).toBe(explain());
  });
});

describe('the shape of a result', () => {
  it.each([
    ['{a="b"}', '0', { type: 'streams', keepsOrder: true }],
    ['rate({a="b"}[5m])', '60', { type: 'matrix', keepsOrder: false }],
    ['rate({a="b"}[5m])', '0', { type: 'vector', keepsOrder: false }],
    ['sort(rate({a="b"}[5m]))', '60', { type: 'matrix', keepsOrder: false }],
    ['1 + sort_desc(rate({a="b"}[5m]))', '0', { type: 'vector', keepsOrder: true }],
    ['label_replace(sort(rate({a="b"}[5m])), "a", "b", "c", "d")', '0', { type: 'vector', keepsOrder: true }],
    ['1 + 2', '0', { type: 'scalar', keepsOrder: false }],
    ['1 + 2', '60', { type: 'matrix', keepsOrder: false }],
    ['vector(1)', '0', { type: 'vector', keepsOrder: false }],
  ])('of %s at step %s is %j', (query, step, expected) => {
    expect(resultShape(parseLogQL(query), parametersOf({ step }))).toEqual(expected);
  });
});

describe('explainPlan', () => {
  for (const golden of goldens(new URL('./testdata/', import.meta.url))) {
    it(golden.claim, () => {
      const snapshot = sections(Number(golden.fields.targets ?? 2));
      golden.check([['explain', explainPlan(planned(parseLogQL(golden.fields.query!), golden.fields, snapshot))]]);
    });
  }
});
