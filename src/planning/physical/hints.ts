/**
 * How far Loki reads a line in a metric query (A53). Where the grouping says which labels matter, its parsers stop as
 * soon as they have them, and do not start when none does; errors in the rest of the line are then not seen. Clients
 * notice: the same query fails or succeeds. What is decided here therefore belongs to the meaning of the query, and
 * optimiser passes neither add to it nor take from it, except for parsers whose errors nobody sees.
 */
import type { Instruction, LogicalPlan, RangeAggregationInstruction, ValueId } from '../logical/value.js';
import { predicateOf } from '../logical/value.js';
import {
  consumesLine,
  isErrorLabel,
  isMessage,
  labelFormatFields,
  lineTemplateFields,
  predicateColumns,
  withBaseNames,
} from './columns.js';
import { columnOf, ERROR } from './expression.js';
import type { Grouping } from './node.js';

export interface ParserHints {
  /** Labels after which reading stops; absent = lines are read to their end. */
  readonly until?: readonly string[];
  /** Rows with a parser's error are wanted and do not fail the query. */
  readonly preserveErrors: boolean;
}

export const READ_ALL: ParserHints = { preserveErrors: false };

export function parserHints(plan: LogicalPlan, id: ValueId, aggregation: RangeAggregationInstruction): ParserHints {
  const grouping = aggregation.grouping.kind === 'none' ? summedBy(plan, id, aggregation) : aggregation.grouping;
  const noLabels = aggregation.operation === 'absent';
  if (!noLabels && grouping.kind !== 'by') return READ_ALL;
  const groups = grouping.kind === 'by' ? grouping.columns.map((column) => column.name) : [];
  const required = requiredNames(plan, aggregation);
  const names = withBaseNames([...groups, ...required.names]);
  const preserveErrors = names.includes(ERROR.name);
  const endless = required.whole || names.some(isErrorLabel); // never found, so never done
  return endless ? { preserveErrors } : { preserveErrors, until: names };
}

/** The grouping of a sum around counts, bytes or sums, or around their rate. */
function summedBy(
  plan: LogicalPlan,
  id: ValueId,
  { operation, rangeNs, grouping }: RangeAggregationInstruction,
): Grouping {
  if (operation !== 'count' && operation !== 'bytes' && operation !== 'sum') return grouping;
  const rate = plan.instructions.findIndex((user) => isRate(user, id, rangeNs));
  const input = rate === -1 ? id : rate;
  const sum = plan.instructions.find(
    (user) => user.kind === 'vector-aggregation' && user.operation === 'sum' && user.input === input,
  );
  return sum?.kind === 'vector-aggregation' ? sum.grouping : grouping;
}

function isRate(user: Instruction, input: ValueId, rangeNs: number): boolean {
  if (user.kind !== 'binary' || user.operation !== 'DIV') return false;
  const { left, right } = user;
  return left.kind === 'value' && left.id === input && right.kind === 'number' && right.value === rangeNs / 1e9;
}

interface Required {
  readonly names: readonly string[];
  /** A template reads the whole label map. */
  readonly whole: boolean;
}

/** Labels that filters, formats and unwrap mention. A line_format that nobody reads does not count (A54). */
function requiredNames(plan: LogicalPlan, aggregation: RangeAggregationInstruction): Required {
  const names: string[] = [];
  let whole = false;
  let lineRead = aggregation.operation === 'bytes';
  const read = (labels: readonly string[] | 'all'): void => {
    if (labels === 'all') whole = true;
    else names.push(...labels);
  };
  for (let at = plan.instructions[aggregation.table]!; ; at = plan.instructions[at.table]!) {
    if (at.kind === 'select') {
      const columns = predicateColumns(predicateOf(plan, at.predicate));
      lineRead ||= columns.some(isMessage);
      read(columns.filter((column) => column.type !== 'builtin').map((column) => column.name));
    } else if (at.kind === 'project') {
      const fn = at.function;
      if (fn.kind === 'unwrap') read([columnOf(fn.label).name]);
      else if (fn.kind === 'label-format') read(labelFormatFields(fn.formats).labels);
      else if (fn.kind === 'line-format' && lineRead) read(lineTemplateFields(fn.template).labels);
      lineRead ||= consumesLine(fn);
    } else return { names, whole };
  }
}
