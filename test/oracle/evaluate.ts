/**
 * A naive evaluator of LogQL over plain entries: what every answer is held against. It reads the syntax tree of the
 * product's parser and shares nothing else with it: no batches, no plans, no state from one step to the next.
 */
import type { Expr, Grouping, LabelReplaceExpr, MetricExpr } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import type { Labels } from '../../src/wire/labels.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { binary } from './binop.js';
import type { Entry } from './entries.js';
import { groupingBelow } from './hints.js';
import { keyOf, sorted } from './labels.js';
import { evaluateLog, type LogAnswer } from './log.js';
import type { Doubts, Sample, Value } from './metric.js';
import { rangeAggregation } from './range.js';
import { regex } from './regex.js';
import { vectorAggregation } from './vector.js';

export interface OracleSeries {
  readonly labels: Labels;
  readonly points: readonly (readonly [timeMs: number, value: number])[];
}

export type OracleAnswer =
  | LogAnswer
  | { readonly kind: 'scalar'; readonly value: number }
  /** In the order of the query where it sorts. */
  | { readonly kind: 'vector'; readonly samples: readonly Sample[] }
  | { readonly kind: 'matrix'; readonly series: readonly OracleSeries[] };

/** Throws QueryError where Loki answers 400, Unsupported where a construct is left out. */
export function evaluate(expr: Expr, entries: readonly Entry[], request: QueryRequest, doubts: Doubts): OracleAnswer {
  if (expr.kind === 'log') return evaluateLog(expr, entries, request);
  const at = compile(expr, entries, doubts);
  if (request.mode === 'instant') return instant(at(request.start), doubts);
  const step = BigInt(Math.max(1, Math.floor(request.stepNs / 1e6))) * 1_000_000n;
  const first = (request.start / step) * step;
  const last = ((request.end + step - 1n) / step) * step;
  const series = new Map<string, { labels: Labels; points: [number, number][] }>();
  for (let time = first; time <= last; time += step) {
    for (const { labels, value } of distinctSamples(at(time), doubts)) {
      const key = keyOf(labels);
      const own = series.get(key) ?? { labels, points: [] };
      series.set(key, own);
      own.points.push([Number(time / 1_000_000n), value]);
    }
  }
  return { kind: 'matrix', series: [...series.values()] };
}

function instant(value: Value, doubts: Doubts): OracleAnswer {
  return typeof value === 'number'
    ? { kind: 'scalar', value }
    : { kind: 'vector', samples: distinctSamples(value, doubts) };
}

/** label_replace may make two series of one name; what then happens is not specified (A85). */
function distinctSamples(value: Value, doubts: Doubts): readonly Sample[] {
  if (typeof value === 'number') return [{ labels: [], value }];
  if (new Set(value.map(({ labels }) => keyOf(labels))).size < value.length) doubts.add('series with equal labels');
  return value;
}

type At = (time: bigint) => Value;

function compile(expr: MetricExpr, entries: readonly Entry[], doubts: Doubts, outer?: Grouping): At {
  switch (expr.kind) {
    case 'range-aggregation':
      return rangeAggregation(expr, outer, entries, doubts);
    case 'vector-aggregation': {
      const { inner, op, grouping } = expr;
      const below = inner.kind === 'range-aggregation' ? groupingBelow(op, grouping, inner) : undefined;
      const at = compile(inner, entries, doubts, below);
      return (time) => vectorAggregation(expr, distinctSamples(at(time), doubts), doubts);
    }
    case 'binary': {
      const left = compile(expr.left, entries, doubts);
      const right = compile(expr.right, entries, doubts);
      return (time) => binary(expr, left(time), right(time), doubts);
    }
    case 'literal':
      return () => expr.value;
    case 'vector':
      return () => [{ labels: [], value: expr.value }];
    case 'label-replace': {
      const at = compile(expr.inner, entries, doubts);
      return (time) => distinctSamples(at(time), doubts).map((sample) => relabelled(expr, sample));
    }
    default:
      return unreachable(expr);
  }
}

/** A85. */
function relabelled({ destination, replacement, source, pattern }: LabelReplaceExpr, sample: Sample): Sample {
  const { labels } = sample;
  const value = labels.find(([name]) => name === source)?.[1] ?? '';
  const compiled = regex(`^(?:${pattern})$`);
  const match = compiled.matcher(value);
  if (!match.find()) return sample;
  const named = compiled.namedGroups() as Record<string, number>;
  const group = (name: string): string => {
    const number = /^\d+$/.test(name) ? Number(name) : named[name];
    return number === undefined || number > match.groupCount() ? '' : (match.group(number) ?? '');
  };
  const replaced = replacement.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (all, braced?: string, plain?: string) =>
    all === '$$' ? '$' : group(braced ?? plain!),
  );
  return { ...sample, labels: withLabel(labels, destination, replaced) };
}

/** Whoever changes a label loses those that are empty, as in Prometheus. */
function withLabel(labels: Labels, name: string, value: string): Labels {
  const others = labels.filter((label) => label[0] !== name);
  return sorted([...others, [name, value] as const].filter((label) => label[1] !== ''));
}
