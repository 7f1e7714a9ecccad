import { formatGoDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGo } from '../../wire/labels.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { RowFunction } from '../physical/expression.js';
import type { Grouping } from '../physical/node.js';
import { functionText, listText, literalText, pickText, qualified } from '../physical/print-expression.js';
import type { BinaryInstruction, Evaluation, Instruction, LogicalPlan, Operand, ValueId } from './value.js';

/** One line an instruction, `%1 = EQ label.app "test"`, then `RETURN %n`. Stable to the byte. */
export function printLogicalPlan(plan: LogicalPlan): string {
  const lines = plan.instructions.map((instruction, id) => `${name(id)} = ${instructionText(instruction)}\n`);
  return `${lines.join('')}RETURN ${name(plan.result)}\n`;
}

function name(id: ValueId): string {
  return `%${id + 1}`;
}

function instructionText(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'compare':
      return `${instruction.op} ${qualified(instruction.column)} ${literalText(instruction.literal)}`;
    case 'and':
    case 'or':
      return `${instruction.kind.toUpperCase()} ${name(instruction.left)} ${name(instruction.right)}`;
    case 'not':
      return `NOT(${name(instruction.inner)})`;
    case 'make-table': {
      const selector = instruction.selector === undefined ? 'true' : name(instruction.selector);
      const { index, of } = instruction.shard;
      const predicates = instruction.predicates.map(name).join(', ');
      return `MAKETABLE [selector=${selector}, predicates=[${predicates}], shard=${index}_of_${of}]`;
    }
    case 'select':
      return `SELECT ${name(instruction.table)} [predicate=${name(instruction.predicate)}]`;
    case 'project':
      return `PROJECT ${name(instruction.table)} [${projectionText(instruction.function)}]`;
    case 'top-k': {
      const interval = instruction.intervalNs > 0 ? `, interval=${formatGoDuration(instruction.intervalNs)}` : '';
      const order = `sort_by=builtin.timestamp, k=${instruction.k}, asc=${instruction.ascending}, nulls_first=false`;
      return `TOPK ${name(instruction.table)} [${order}${interval}]`;
    }
    default:
      return sampleText(instruction);
  }
}

type SampleInstruction = Exclude<
  Instruction,
  { kind: 'compare' | 'and' | 'or' | 'not' | 'make-table' | 'select' | 'project' | 'top-k' }
>;

function sampleText(instruction: SampleInstruction): string {
  switch (instruction.kind) {
    case 'range-aggregation':
      return `RANGE_AGGREGATION ${name(instruction.table)} [${rangeText(instruction)}]`;
    case 'absent': {
      const labels = instruction.labels.map(([label, value]) => `${label}=${quoteGo(value)}`).join(', ');
      return `ABSENT ${name(instruction.input)} [labels=(${labels}), ${evaluationText(instruction.evaluation)}]`;
    }
    case 'vector-aggregation': {
      const { input, operation, grouping } = instruction;
      return `VECTOR_AGGREGATION ${name(input)} [operation=${operation}, ${groupingText(grouping)}]`;
    }
    case 'vector-top-k': {
      const { input, operation, k, grouping } = instruction;
      return `VECTOR_TOPK ${name(input)} [operation=${operation}, k=${k}, ${groupingText(grouping)}]`;
    }
    case 'sort':
      return `SORT ${name(instruction.input)} [column=generated.value, asc=${!instruction.descending}, nulls_first=false]`;
    case 'binary':
      return binaryText(instruction);
    case 'label-replace': {
      const { input, destination, replacement, source, pattern } = instruction;
      const target = `dst=${quoteGo(destination)}, replacement=${quoteGo(replacement)}`;
      return `LABEL_REPLACE ${name(input)} [${target}, src=${quoteGo(source)}, regex=${quoteGo(pattern)}]`;
    }
    case 'vector':
      return `VECTOR [value=${formatGoFloat(instruction.value)}, ${evaluationText(instruction.evaluation)}]`;
    case 'compat':
      return `LOGQL_COMPAT ${name(instruction.input)}`;
    default:
      return unreachable(instruction);
  }
}

/** Mode letters: `*` keeps all columns, E adds some, D drops some; K alone keeps only those named. */
function projectionText(fn: RowFunction): string {
  if (fn.kind !== 'drop' && fn.kind !== 'keep') return `mode=*E, expr=${functionText(fn)}`;
  const mode = fn.kind === 'drop' ? '*D' : 'K';
  return [`mode=${mode}`, ...fn.picks.map((pick) => `expr=${pickText(pick)}`)].join(', ');
}

function rangeText(instruction: Instruction & { kind: 'range-aggregation' }): string {
  const { grouping, operation, evaluation, rangeNs, offsetNs, parameter } = instruction;
  const parts = grouping.kind === 'none' ? [] : [groupingText(grouping)];
  parts.push(`operation=${operation}`, evaluationText(evaluation), `range=${formatGoDuration(rangeNs)}`);
  if (offsetNs !== 0) parts.push(`offset=${formatGoDuration(offsetNs)}`);
  if (parameter !== undefined) parts.push(`parameter=${formatGoFloat(parameter)}`);
  return parts.join(', ');
}

function evaluationText({ start, end, stepNs }: Evaluation): string {
  return `start_ts=${formatRfc3339Nano(start)}, end_ts=${formatRfc3339Nano(end)}, step=${formatGoDuration(stepNs)}`;
}

/** `group_by=(ambiguous.level)` or `group_without=(…)`. */
function groupingText(grouping: Grouping): string {
  return grouping.kind === 'none' ? 'group_without=()' : `group_${grouping.kind}=${listText(grouping.columns)}`;
}

function binaryText({ operation, left, right, bool, matching }: BinaryInstruction): string {
  const modifiers = bool ? ['bool=true'] : [];
  if (matching !== undefined) {
    modifiers.push(`${matching.kind}=(${matching.labels.join(', ')})`);
    const { group } = matching;
    if (group !== undefined) modifiers.push(`group_${group.side}=(${group.include.join(', ')})`);
  }
  const suffix = modifiers.length === 0 ? '' : ` [${modifiers.join(', ')}]`;
  return `${operation} ${operandText(left)} ${operandText(right)}${suffix}`;
}

function operandText(operand: Operand): string {
  return operand.kind === 'value' ? name(operand.id) : formatGoFloat(operand.value);
}
