import { it } from 'vitest';
import type { Node } from '../../src/planning/physical/node.js';
import { optimize, PASSES } from '../../src/planning/physical/optimize.js';
import type { Pass } from '../../src/planning/physical/passes/pass.js';
import { printPhysicalPlan } from '../../src/planning/physical/print.js';
import { verifyPhysicalPlan } from '../../src/planning/physical/verify.js';
import { goldens } from './golden.js';
import { physicalPlanOf } from './plan-case.js';

/** A test for each golden case of a pass: the plan before it (passes up to field `after` have run) and after it. */
export function passGoldens(pass: Pass, directory: URL): void {
  for (const golden of goldens(directory)) {
    it(golden.claim, () => {
      const { query, after } = golden.fields;
      const earlier = PASSES.slice(0, PASSES.findIndex(({ name }) => name === after) + 1);
      const before = optimize(physicalPlanOf(query!, golden.fields), earlier).plan;
      const { plan, fired } = optimize(before, [pass]);
      verifyPhysicalPlan(plan);
      golden.check([
        ['before', printPhysicalPlan(before)],
        ['after', fired.length === 0 ? 'the same\n' : printPhysicalPlan(plan)],
      ]);
    });
  }
}

/** The plan of a query after one pass, and nothing else. */
export function passed(pass: Pass, query: string, fields: Readonly<Record<string, string>> = {}): Node {
  return optimize(physicalPlanOf(query, fields), [pass]).plan;
}
