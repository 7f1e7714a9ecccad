/**
 * The logical plan in static single assignment form: a list of instructions, each defining one value, printed as `%1`,
 * `%2`, ... Operands are defined before they are used and nothing is assigned twice, so data flow can be read off.
 */
import type { Nanos } from '../../wire/time.js';
import type { ColumnRef, CompareOp, Literal, Predicate, RowFunction } from '../physical/expression.js';
import type { BinaryOperation, Grouping, RangeOperation, VectorAggregation, VectorTopK } from '../physical/node.js';

/** Names a value: the position of its instruction in `LogicalPlan.instructions`. */
export type ValueId = number;

/** A value, or a number written in the query. */
export type Operand =
  | { readonly kind: 'value'; readonly id: ValueId }
  | { readonly kind: 'number'; readonly value: number };

export interface LogicalPlan {
  readonly instructions: readonly Instruction[];
  /** What RETURN hands out: always the last instruction, a `compat`. */
  readonly result: ValueId;
}

export type Instruction =
  | Compare
  | Connective
  | Not
  | MakeTable
  | Select
  | Project
  | TopK
  | RangeAggregationInstruction
  | AbsentInstruction
  | VectorAggregationInstruction
  | VectorTopKInstruction
  | SortInstruction
  | BinaryInstruction
  | LabelReplaceInstruction
  | VectorInstruction
  | Compat;

// --- Conditions ------------------------------------------------------------------------------------------------------

export interface Compare {
  readonly kind: 'compare';
  readonly op: CompareOp;
  readonly column: ColumnRef;
  readonly literal: Literal;
}

export interface Connective {
  readonly kind: 'and' | 'or';
  readonly left: ValueId;
  readonly right: ValueId;
}

export interface Not {
  readonly kind: 'not';
  readonly inner: ValueId;
}

// --- Log rows --------------------------------------------------------------------------------------------------------

/** The rows of all streams that meet the selector; `predicates` repeat conditions that may prune what is read. */
export interface MakeTable {
  readonly kind: 'make-table';
  /** Absent = every stream. */
  readonly selector?: ValueId;
  readonly predicates: readonly ValueId[];
  readonly shard: { readonly index: number; readonly of: number };
}

export interface Select {
  readonly kind: 'select';
  readonly table: ValueId;
  readonly predicate: ValueId;
}

export interface Project {
  readonly kind: 'project';
  readonly table: ValueId;
  readonly function: RowFunction;
}

/** The first k rows by time. */
export interface TopK {
  readonly kind: 'top-k';
  readonly table: ValueId;
  readonly k: number;
  readonly ascending: boolean;
  readonly intervalNs: number;
}

// --- Samples ---------------------------------------------------------------------------------------------------------

/** When a metric query is evaluated: at start, start + step, ... <= end; once, at end, when the step is 0. */
export interface Evaluation {
  readonly start: Nanos;
  readonly end: Nanos;
  readonly stepNs: number;
}

export interface RangeAggregationInstruction {
  readonly kind: 'range-aggregation';
  readonly table: ValueId;
  readonly operation: RangeOperation;
  readonly evaluation: Evaluation;
  readonly rangeNs: number;
  readonly offsetNs: number;
  readonly grouping: Grouping;
  /** The quantile. */
  readonly parameter?: number;
}

export interface AbsentInstruction {
  readonly kind: 'absent';
  readonly input: ValueId;
  readonly labels: readonly (readonly [string, string])[];
  readonly evaluation: Evaluation;
}

export interface VectorAggregationInstruction {
  readonly kind: 'vector-aggregation';
  readonly input: ValueId;
  readonly operation: VectorAggregation['operation'];
  readonly grouping: Grouping;
}

export interface VectorTopKInstruction {
  readonly kind: 'vector-top-k';
  readonly input: ValueId;
  readonly operation: VectorTopK['operation'];
  readonly k: number;
  readonly grouping: Grouping;
}

export interface SortInstruction {
  readonly kind: 'sort';
  readonly input: ValueId;
  readonly descending: boolean;
}

/** At least one side is a value; two numbers have been folded. */
export interface BinaryInstruction {
  readonly kind: 'binary';
  readonly operation: BinaryOperation;
  readonly left: Operand;
  readonly right: Operand;
  readonly bool: boolean;
  /** Absent = all labels. */
  readonly matching?: Matching;
}

export interface Matching {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
  readonly group?: { readonly side: 'left' | 'right'; readonly include: readonly string[] };
}

export interface LabelReplaceInstruction {
  readonly kind: 'label-replace';
  readonly input: ValueId;
  readonly destination: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
}

/** The same number at every evaluation, without labels. */
export interface VectorInstruction {
  readonly kind: 'vector';
  readonly value: number;
  readonly evaluation: Evaluation;
}

/** Marks where rows or samples become a LogQL result. */
export interface Compat {
  readonly kind: 'compat';
  readonly input: ValueId;
}

/** Values an instruction uses, in order. */
export function operandsOf(instruction: Instruction): readonly ValueId[] {
  switch (instruction.kind) {
    case 'compare':
    case 'vector':
      return [];
    case 'and':
    case 'or':
      return [instruction.left, instruction.right];
    case 'not':
      return [instruction.inner];
    case 'make-table':
      return instruction.selector === undefined
        ? instruction.predicates
        : [instruction.selector, ...instruction.predicates];
    case 'select':
      return [instruction.table, instruction.predicate];
    case 'project':
    case 'top-k':
    case 'range-aggregation':
      return [instruction.table];
    case 'binary':
      return [instruction.left, instruction.right].flatMap((side) => (side.kind === 'value' ? [side.id] : []));
    default:
      return [instruction.input];
  }
}

/** The same instruction over other values. */
export function withOperands(instruction: Instruction, map: (id: ValueId) => ValueId): Instruction {
  const mapSide = (side: Operand): Operand => (side.kind === 'value' ? { kind: 'value', id: map(side.id) } : side);
  switch (instruction.kind) {
    case 'compare':
    case 'vector':
      return instruction;
    case 'and':
    case 'or':
      return { ...instruction, left: map(instruction.left), right: map(instruction.right) };
    case 'not':
      return { ...instruction, inner: map(instruction.inner) };
    case 'make-table': {
      const { selector, ...rest } = instruction;
      const mapped = selector === undefined ? {} : { selector: map(selector) };
      return { ...rest, ...mapped, predicates: instruction.predicates.map(map) };
    }
    case 'select':
      return { ...instruction, table: map(instruction.table), predicate: map(instruction.predicate) };
    case 'project':
    case 'top-k':
    case 'range-aggregation':
      return { ...instruction, table: map(instruction.table) };
    case 'binary':
      return { ...instruction, left: mapSide(instruction.left), right: mapSide(instruction.right) };
    default:
      return { ...instruction, input: map(instruction.input) };
  }
}

/** The condition a value stands for, as a tree. */
export function predicateOf(plan: LogicalPlan, id: ValueId): Predicate {
  const instruction = plan.instructions[id]!;
  switch (instruction.kind) {
    case 'compare':
      return instruction;
    case 'not':
      return { kind: 'not', inner: predicateOf(plan, instruction.inner) };
    case 'and':
    case 'or': {
      const left = predicateOf(plan, instruction.left);
      return { kind: instruction.kind, left, right: predicateOf(plan, instruction.right) };
    }
    default:
      throw new Error(`logical plan: %${id + 1} is not a condition`);
  }
}
