import { type Instruction, type LogicalPlan, operandsOf, type ValueId } from './value.js';

/** What a value is: a condition, log rows, samples, or the finished result. */
type ValueType = 'condition' | 'rows' | 'samples' | 'result';

/**
 * Checks that every operand is defined before its use and of the type its instruction takes, and that the result is
 * the only `compat`. Throws an Error naming the instruction: a broken plan is a bug in the planner.
 */
export function verifyLogicalPlan(plan: LogicalPlan): void {
  const types: ValueType[] = [];
  for (const [id, instruction] of plan.instructions.entries()) {
    for (const operand of operandsOf(instruction)) {
      if (operand >= id || operand < 0) fail(id, `uses %${operand + 1} before it is defined`);
    }
    checkOperands(id, instruction, types);
    types.push(typeOf(instruction));
  }
  const results = types.filter((type) => type === 'result').length;
  if (results !== 1 || types[plan.result] !== 'result' || plan.result !== types.length - 1) {
    fail(plan.result, 'is not the one and last result');
  }
}

function checkOperands(id: ValueId, instruction: Instruction, types: readonly ValueType[]): void {
  const expect = (operand: ValueId, ...allowed: readonly ValueType[]): void => {
    const type = types[operand]!;
    if (!allowed.includes(type)) fail(id, `takes ${allowed.join(' or ')} but %${operand + 1} is ${type}`);
  };
  switch (instruction.kind) {
    case 'select':
      expect(instruction.table, 'rows');
      expect(instruction.predicate, 'condition');
      return;
    case 'and':
    case 'or':
    case 'not':
    case 'make-table':
      for (const operand of operandsOf(instruction)) expect(operand, 'condition');
      return;
    case 'project':
    case 'top-k':
    case 'range-aggregation':
      expect(instruction.table, 'rows');
      return;
    case 'compat':
      expect(instruction.input, 'rows', 'samples');
      return;
    default:
      for (const operand of operandsOf(instruction)) expect(operand, 'samples');
  }
}

function typeOf(instruction: Instruction): ValueType {
  switch (instruction.kind) {
    case 'compare':
    case 'and':
    case 'or':
    case 'not':
      return 'condition';
    case 'make-table':
    case 'select':
    case 'project':
    case 'top-k':
      return 'rows';
    case 'compat':
      return 'result';
    default:
      return 'samples';
  }
}

function fail(id: ValueId, problem: string): never {
  throw new Error(`logical plan: %${id + 1} ${problem}`);
}
