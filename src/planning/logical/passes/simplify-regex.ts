/**
 * Regular expressions become substring and equality tests where `simplifyRegex` proves that the same texts meet them,
 * so the answer stays the same; conditions that every row meets disappear. The stream selector is left alone, because
 * the catalogue answers it.
 */
import { isMessage } from '../../physical/columns.js';
import type { ColumnRef, CompareOp } from '../../physical/expression.js';
import { type LiteralTest, simplifyRegex, type TextTest } from '../../regex/simplify.js';
import { Emitter } from '../emitter.js';
import { type Compare, type Instruction, type LogicalPlan, operandsOf, type ValueId, withOperands } from '../value.js';

/** An alternation of more literals is faster as one automaton than as a chain of tests. */
const MAX_ALTERNATIVES = 32;

/** Returns the plan itself when nothing could be simplified. Loops, since a condition may be long. */
export function simplifyRegexes(plan: LogicalPlan): LogicalPlan {
  const { instructions } = plan;
  if (!instructions.some(isSimplifiable)) return plan;
  const always = alwaysMet(instructions);
  const kept = instructions.map((instruction) => withoutMet(instruction, always));
  const used = usedValues(kept);
  const emitter = new Emitter();
  const ids: ValueId[] = [];
  for (const [id, instruction] of kept.entries()) {
    if (!used[id]) continue;
    if (instruction.kind === 'alias') ids[id] = ids[instruction.of]!;
    else if (instruction.kind === 'compare') ids[id] = emitCompare(emitter, instruction);
    else ids[id] = emitter.emit(withOperands(instruction, (operand) => ids[operand]!));
  }
  return emitter.finish();
}

function isSimplifiable(instruction: Instruction): boolean {
  if (instruction.kind !== 'compare') return false;
  return isEmptySubstring(instruction) || simplerTests(instruction) !== null;
}

/** For each value whether it is a condition that every row meets. */
function alwaysMet(instructions: readonly Instruction[]): readonly boolean[] {
  const always: boolean[] = [];
  const marking: boolean[] = [];
  for (const [id, instruction] of instructions.entries()) {
    marking[id] = mayMark(instruction, marking);
    always[id] = isAlwaysMet(instruction, always, marking);
  }
  return always;
}

/** Whether it may leave an error on a row that it looks at (A56). */
function mayMark(instruction: Instruction, marking: readonly boolean[]): boolean {
  switch (instruction.kind) {
    case 'compare':
      return instruction.literal.type !== 'string';
    case 'and':
    case 'or':
      return marking[instruction.left]! || marking[instruction.right]!;
    case 'not':
      return marking[instruction.inner]!;
    default:
      return false;
  }
}

/** The right side of `or` only saves the left one where that leaves no marks. */
function isAlwaysMet(instruction: Instruction, always: readonly boolean[], marking: readonly boolean[]): boolean {
  switch (instruction.kind) {
    case 'compare':
      return isEmptySubstring(instruction) || simplerTests(instruction)?.tests.length === 0;
    case 'and':
      return always[instruction.left]! && always[instruction.right]!;
    case 'or':
      return always[instruction.left]! || (always[instruction.right]! && !marking[instruction.left]!);
    default:
      return false;
  }
}

/** Stands for another value. */
interface Alias {
  readonly kind: 'alias';
  readonly of: ValueId;
}

/** The instruction without operands that are always met. */
function withoutMet(instruction: Instruction, always: readonly boolean[]): Instruction | Alias {
  switch (instruction.kind) {
    case 'and':
      if (always[instruction.left]) return { kind: 'alias', of: instruction.right };
      return always[instruction.right] ? { kind: 'alias', of: instruction.left } : instruction;
    case 'select':
      return always[instruction.predicate] ? { kind: 'alias', of: instruction.table } : instruction;
    case 'make-table':
      return { ...instruction, predicates: instruction.predicates.filter((id) => !always[id]) };
    default:
      return instruction;
  }
}

/** For each value whether the last one needs it. */
function usedValues(instructions: readonly (Instruction | Alias)[]): readonly boolean[] {
  const used: boolean[] = [];
  used[instructions.length - 1] = true;
  for (let id = instructions.length - 1; id >= 0; id--) {
    const instruction = instructions[id]!;
    if (!used[id]) continue;
    for (const operand of instruction.kind === 'alias' ? [instruction.of] : operandsOf(instruction)) {
      used[operand] = true;
    }
  }
  return used;
}

function emitCompare(emitter: Emitter, compare: Compare): ValueId {
  const simpler = simplerTests(compare);
  if (simpler === null) return emitter.emit(compare);
  const { tests, negated } = simpler;
  if (tests.length === 0) return emitter.emit(compare); // always met, but what stands before it must be looked at
  if (tests.length === 1) return emitter.emit(negated ? opposite(tests[0]!) : tests[0]!);
  const makers = tests.map((test) => () => emitter.emit(test));
  const any = emitter.connect('or', makers);
  return negated ? emitter.emit({ kind: 'not', inner: any }) : any;
}

function isEmptySubstring({ op, literal }: Compare): boolean {
  return op === 'MATCH_STR' && literal.value === '';
}

interface Simpler {
  /** Any of them suffices; none = every row does. */
  readonly tests: readonly Compare[];
  /** The row must meet none of them. */
  readonly negated: boolean;
}

/** Null when the comparison is as simple as it gets. The selector's labels are left alone. */
function simplerTests({ op, column, literal }: Compare): Simpler | null {
  if (column.type === 'label') return null;
  if ((op !== 'MATCH_RE' && op !== 'NOT_MATCH_RE') || literal.type !== 'string') return null;
  const negated = op === 'NOT_MATCH_RE';
  const onMessage = isMessage(column);
  const test = simplifyRegex(literal.value, { mode: onMessage ? 'search' : 'full' });
  if (test.kind === (negated ? 'none' : 'all')) return { tests: [], negated };
  if (test.kind === 'non-empty') return { tests: [compareText(column, negated ? 'EQ' : 'NEQ', '')], negated: false };
  const tests = alternativesOf(test).map((alternative) => literalCompare(column, alternative, onMessage));
  const usable = tests.filter((compare) => compare !== null);
  if (usable.length === 0 || usable.length < tests.length || usable.length > MAX_ALTERNATIVES) return null;
  return { tests: usable, negated };
}

function alternativesOf(test: TextTest): readonly LiteralTest[] {
  switch (test.kind) {
    case 'contains':
    case 'prefix':
    case 'suffix':
    case 'equals':
      return [test];
    case 'any-of':
      return test.alternatives;
    default:
      return [];
  }
}

/** Null where there is no comparison that says the same. Case-insensitive literals are written in upper case. */
function literalCompare(column: ColumnRef, test: LiteralTest, onMessage: boolean): Compare | null {
  const { kind, literal, ignoreCase } = test;
  if (kind === 'equals' && !ignoreCase) return compareText(column, 'EQ', literal);
  if (kind !== 'contains' || !onMessage) return null;
  if (ignoreCase) return compareText(column, 'MATCH_STR_CASE_INSENSITIVE', literal.toUpperCase());
  return compareText(column, 'MATCH_STR', literal);
}

function compareText(column: ColumnRef, op: CompareOp, value: string): Compare {
  return { kind: 'compare', op, column, literal: { kind: 'literal', type: 'string', value } };
}

function opposite(compare: Compare): Compare {
  const op = OPPOSITES[compare.op];
  if (op === undefined) throw new Error(`no opposite of ${compare.op}`);
  return { ...compare, op };
}

const OPPOSITES: Partial<Record<CompareOp, CompareOp>> = {
  EQ: 'NEQ',
  MATCH_STR: 'NOT_MATCH_STR',
  MATCH_STR_CASE_INSENSITIVE: 'NOT_MATCH_STR_CASE_INSENSITIVE',
};
