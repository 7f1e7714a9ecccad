import type { Grouping, VectorAggregationExpr } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import type { Labels } from '../../src/wire/labels.js';
import { keyOf } from './labels.js';
import { type Doubts, groupBy, grouped, isClose, type Sample } from './metric.js';
import { least, sum, variance } from './range.js';

/** A77, A78. */
export function vectorAggregation(expr: VectorAggregationExpr, input: readonly Sample[], doubts: Doubts): Sample[] {
  const { op, parameter = 0, grouping = { kind: 'by', labels: [] } } = expr;
  switch (op) {
    case 'sort':
      return [...input].sort((a, b) => rank(a.value, b.value));
    case 'sort_desc':
      return [...input].sort((a, b) => rank(-a.value, -b.value));
    case 'topk':
    case 'approx_topk':
      return groupsOf(input, grouping).flatMap(([, samples]) => best(samples, parameter, (value) => -value, doubts));
    case 'bottomk':
      return groupsOf(input, grouping).flatMap(([, samples]) => best(samples, parameter, (value) => value, doubts));
    default:
      return groupsOf(input, grouping).map(([labels, samples]) => ({
        labels,
        value: aggregate(
          op,
          samples.map(({ value }) => value),
        ),
      }));
  }
}

/** Whoever takes labels away loses those that are empty, as in Prometheus. */
function groupsOf(input: readonly Sample[], { kind, labels: names }: Grouping): [Labels, Sample[]][] {
  const group = ({ labels }: Sample): Labels => {
    const own = grouped(labels, kind, names);
    return kind === 'by' ? own : own.filter(([, value]) => value !== '');
  };
  return groupBy(input, (sample) => keyOf(group(sample))).map((samples) => [group(samples[0]!), samples]);
}

/** NaN last. */
function rank(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;
}

function best(samples: readonly Sample[], k: number, cost: (value: number) => number, doubts: Doubts): Sample[] {
  const ordered = [...samples].sort((a, b) => rank(cost(a.value), cost(b.value)));
  const [lastIn, firstOut] = [ordered[k - 1], ordered[k]];
  if (lastIn && firstOut && isClose(lastIn.value, firstOut.value)) doubts.add('ties in topk');
  return ordered.slice(0, k);
}

function aggregate(
  op: Exclude<VectorAggregationExpr['op'], 'sort' | 'sort_desc' | 'topk' | 'bottomk' | 'approx_topk'>,
  values: readonly number[],
): number {
  switch (op) {
    case 'sum':
      return sum(values);
    case 'avg':
      return sum(values) / values.length;
    case 'min':
      return least(values, (a, b) => a < b);
    case 'max':
      return least(values, (a, b) => a > b);
    case 'count':
      return values.length;
    case 'stddev':
      return Math.sqrt(deviation(values));
    case 'stdvar':
      return deviation(values);
    default:
      return unreachable(op);
  }
}

/** A single sample does not deviate, not even NaN. */
function deviation(values: readonly number[]): number {
  return values.length === 1 ? 0 : variance(values);
}
