/** The tables of a plan: where its rows come from, and when. */
import type { TimeRange } from '../../wire/time.js';
import type { Compare, Instruction, LogicalPlan, RangeAggregationInstruction, ValueId } from './value.js';

/** In the order of the query. */
export function tablesOf(plan: LogicalPlan): readonly ValueId[] {
  return plan.instructions.flatMap(({ kind }, id) => (kind === 'make-table' ? [id] : []));
}

/** The rows of a table that matter: those of all windows, or those within the time bounds of a log query. */
export function tableRange(plan: LogicalPlan, table: ValueId): TimeRange {
  let start: bigint | undefined;
  let end: bigint | undefined;
  for (let at = userOf(plan, table); ; at = userOf(plan, at)) {
    const user = plan.instructions[at]!;
    if (user.kind === 'range-aggregation') return windowRange(user);
    if (user.kind === 'select') {
      const bound = timeBound(plan.instructions[user.predicate]!);
      if (bound?.op === 'GTE') start = bound.value;
      if (bound?.op === 'LT') end = bound.value;
    } else if (user.kind === 'top-k') {
      if (start === undefined || end === undefined) throw new Error('logical plan: a table without time bounds');
      return { start, end };
    }
  }
}

/** Rows that fall into a window (t - offset - range, t - offset] of any t from start to end. */
function windowRange({ evaluation, rangeNs, offsetNs }: RangeAggregationInstruction): TimeRange {
  const offset = BigInt(Math.round(offsetNs));
  const range = BigInt(Math.round(rangeNs));
  return { start: evaluation.start - range - offset + 1n, end: evaluation.end - offset + 1n };
}

/** Every table has one user, and not far behind it. */
function userOf(plan: LogicalPlan, table: ValueId): ValueId {
  for (let id = table + 1; id < plan.instructions.length; id++) {
    const instruction = plan.instructions[id]!;
    if ('table' in instruction && instruction.table === table) return id;
  }
  throw new Error(`logical plan: nobody uses %${table + 1}`);
}

/** The comparison with a time that bounds a query; null for every other condition. */
export function timeBound(instruction: Instruction): { readonly op: Compare['op']; readonly value: bigint } | null {
  if (instruction.kind !== 'compare' || instruction.literal.type !== 'timestamp') return null;
  return { op: instruction.op, value: instruction.literal.value };
}
