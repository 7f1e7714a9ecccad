import { describe, expect, it } from 'vitest';
import { logicalPlanOf } from '../../../test/support/plan-case.js';
import type { Instruction, LogicalPlan } from './value.js';
import { verifyLogicalPlan } from './verify.js';

const PLAN = logicalPlanOf('sum(count_over_time({app="a"} |= "x" [5m]))');

/** The plan with one instruction changed. */
function broken(kind: Instruction['kind'], change: (instruction: Instruction) => Instruction): LogicalPlan {
  const at = PLAN.instructions.findIndex((instruction) => instruction.kind === kind);
  return { ...PLAN, instructions: PLAN.instructions.with(at, change(PLAN.instructions[at]!)) };
}

describe('verifyLogicalPlan', () => {
  it('accepts what the builder makes', () => {
    expect(() => verifyLogicalPlan(PLAN)).not.toThrow();
  });

  it('refuses a value that is used before it is defined', () => {
    const plan = broken('select', (select) => ({ ...select, predicate: 9 }) as Instruction);
    expect(() => verifyLogicalPlan(plan)).toThrow('logical plan: %5 uses %10 before it is defined');
  });

  it('refuses rows where a condition belongs', () => {
    const plan = broken('select', (select) => ({ ...select, predicate: 2 }) as Instruction);
    expect(() => verifyLogicalPlan(plan)).toThrow('takes condition but %3 is rows');
  });

  it('refuses samples where rows belong', () => {
    const at = PLAN.instructions.findIndex(({ kind }) => kind === 'range-aggregation');
    const plan = broken('vector-aggregation', () => ({ ...PLAN.instructions[at]!, table: at }) as Instruction);
    expect(() => verifyLogicalPlan(plan)).toThrow('takes rows but');
  });

  it('refuses a plan whose result is not its end', () => {
    expect(() => verifyLogicalPlan({ ...PLAN, result: 0 })).toThrow('is not the one and last result');
    expect(() => verifyLogicalPlan({ instructions: [], result: 0 })).toThrow('is not the one and last result');
  });
});
