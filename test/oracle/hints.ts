/**
 * What parsers of a metric query are told (A53): which names matter when the grouping of a sum is known below it. A
 * parser stops as soon as it has them, and does not start where there are none; errors further on are not seen.
 */

import type { Grouping, LabelFilter, RangeAggregationExpr, Stage, VectorOp } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import { fieldsOf } from './template.js';

export interface ParserHints {
  readonly noLabels: boolean;
  /** Empty: all of them. */
  readonly required: readonly string[];
  readonly preserve: boolean;
}

export const NO_HINTS: ParserHints = { noLabels: false, required: [], preserve: false };

const PUSHED = new Set(['bytes_over_time', 'bytes_rate', 'sum_over_time', 'rate', 'count_over_time']);

/** Only a sum over these hands its grouping down, where the range aggregation has none of its own. */
export function groupingBelow(
  op: VectorOp,
  grouping: Grouping | undefined,
  inner: RangeAggregationExpr,
): Grouping | undefined {
  if (op !== 'sum' || inner.grouping !== undefined || !PUSHED.has(inner.op)) return undefined;
  return grouping ?? { kind: 'by', labels: [] };
}

/** `stages`: those that run (A54). */
export function hintsOf(
  expr: RangeAggregationExpr,
  outer: Grouping | undefined,
  stages: readonly Stage[],
): ParserHints {
  const { unwrap } = expr.range;
  const grouping = outer ?? expr.grouping;
  const noLabels = expr.op === 'absent_over_time' || grouping?.labels.length === 0;
  const mentioned = [...stages.flatMap(namesIn), ...(unwrap?.filters ?? []).flatMap(filterNames)];
  const own = unwrap ? [unwrap.label] : [];
  const required = [...new Set([...mentioned, ...(grouping?.labels ?? []), ...own].flatMap(withPlainName))];
  const preserve = required.includes('__error__');
  if (noLabels) return required.length > 0 ? { noLabels: false, required, preserve } : { ...NO_HINTS, noLabels: true };
  if (grouping === undefined || grouping.kind === 'without') return NO_HINTS;
  return { noLabels: false, required, preserve };
}

function withPlainName(name: string): string[] {
  return name.endsWith('_extracted') ? [name, name.slice(0, -'_extracted'.length)] : [name];
}

function namesIn(stage: Stage): string[] {
  switch (stage.kind) {
    case 'label-filter':
      return filterNames(stage.filter);
    case 'line-format':
      return fieldsOf(stage.template);
    case 'label-format':
      return stage.formats.flatMap((format) =>
        format.kind === 'rename' ? [format.source] : fieldsOf(format.template),
      );
    default:
      return [];
  }
}

function filterNames(filter: LabelFilter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...filterNames(filter.left), ...filterNames(filter.right)];
    case 'string':
      return [filter.matcher.name];
    case 'number':
    case 'duration':
    case 'bytes':
    case 'ip':
      return [filter.name];
    default:
      return unreachable(filter);
  }
}
