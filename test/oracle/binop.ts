/** A80-A84. */
import type { ArithmeticOp, BinaryExpr, BinaryOp, CompareOp, VectorMatching } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import type { Labels } from '../../src/wire/labels.js';
import { compare } from './label-filter.js';
import { keyOf, sorted } from './labels.js';
import { type Doubts, grouped, isClose, QueryError, type Sample, type Value } from './metric.js';

export function binary(expr: BinaryExpr, left: Value, right: Value, doubts: Doubts): Value {
  const { op } = expr;
  if (op === 'and' || op === 'or' || op === 'unless') return setOperation(expr, op, samplesOf(left), samplesOf(right));
  const combine = (a: number, b: number): number | undefined => combined(op, expr.bool, a, b, doubts);
  if (typeof left === 'number' && typeof right === 'number') return combined(op, true, left, right, doubts)!;
  if (typeof left === 'number') {
    const kept = samplesOf(right).map(({ labels, value }) => ({ labels, value, result: combine(left, value) }));
    return kept.flatMap(({ labels, value, result }) =>
      result === undefined ? [] : [{ labels, value: isFilter(expr) ? value : result }],
    );
  }
  if (typeof right === 'number') {
    return left.flatMap(({ labels, value }) => {
      const result = combine(value, right);
      return result === undefined ? [] : [{ labels, value: result }];
    });
  }
  return joined(expr, left, right, combine);
}

function isFilter({ op, bool }: BinaryExpr): boolean {
  return isComparison(op) && !bool;
}

function isComparison(op: BinaryOp): op is CompareOp {
  return ['==', '!=', '>', '>=', '<', '<='].includes(op);
}

function samplesOf(value: Value): readonly Sample[] {
  if (typeof value === 'number') throw new Error('a number is no vector');
  return value;
}

/** Undefined: filtered away. */
function combined(
  op: ArithmeticOp | CompareOp,
  bool: boolean,
  a: number,
  b: number,
  doubts: Doubts,
): number | undefined {
  if (!isComparison(op)) return arithmetic(op, a, b);
  if (a !== b && Number.isFinite(a) && isClose(a, b)) doubts.add('comparison of nearly equal numbers');
  const holds = compare(op, a, b);
  if (bool) return holds ? 1 : 0;
  return holds ? a : undefined;
}

function arithmetic(op: ArithmeticOp, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? NaN : a / b;
    case '%':
      return b === 0 ? NaN : a % b;
    case '^':
      return goPow(a, b);
    default:
      return unreachable(op);
  }
}

/** Go and C say that 1 to any power, and -1 to an infinite one, is 1. */
function goPow(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

function signature(labels: Labels, matching: VectorMatching | undefined): string {
  if (matching === undefined) return keyOf(labels);
  return keyOf(grouped(labels, matching.kind === 'on' ? 'by' : 'without', matching.labels));
}

function setOperation(
  { matching }: BinaryExpr,
  op: 'and' | 'or' | 'unless',
  left: readonly Sample[],
  right: readonly Sample[],
): Sample[] {
  const keyed = (samples: readonly Sample[]): Set<string> =>
    new Set(samples.map(({ labels }) => signature(labels, matching)));
  const [onLeft, onRight] = [keyed(left), keyed(right)];
  if (op === 'or') return [...left, ...right.filter(({ labels }) => !onLeft.has(signature(labels, matching)))];
  return left.filter(({ labels }) => onRight.has(signature(labels, matching)) === (op === 'and'));
}

/** A82: each sample of the many side meets the one of the other side with the same signature. */
function joined(
  { matching, left: _, ...expr }: BinaryExpr,
  left: readonly Sample[],
  right: readonly Sample[],
  combine: (a: number, b: number) => number | undefined,
): Sample[] {
  const isSwapped = matching?.group?.side === 'right';
  const [many, one] = isSwapped ? [right, left] : [left, right];
  const ones = new Map<string, Sample>();
  for (const sample of one) {
    const key = signature(sample.labels, matching);
    if (ones.has(key)) throw new QueryError(`found duplicate series on the ${isSwapped ? 'left' : 'right'} hand-side`);
    ones.set(key, sample);
  }
  const taken = new Set<string>();
  const results: Sample[] = [];
  for (const sample of many) {
    const key = signature(sample.labels, matching);
    const other = ones.get(key);
    if (other === undefined) continue;
    const labels = joinedLabels(sample.labels, other.labels, matching);
    const once = matching?.group ? `${key} ${keyOf(labels)}` : key;
    const [a, b] = isSwapped ? [other, sample] : [sample, other];
    const value = combine(a.value, b.value);
    if (value === undefined && matching?.group) continue;
    if (taken.has(once)) throw new QueryError(`multiple matches for labels: ${expr.op}`);
    taken.add(once);
    if (value !== undefined) results.push({ labels, value });
  }
  return results;
}

/** What goes through here loses its empty labels, as in Prometheus. */
function joinedLabels(many: Labels, one: Labels, matching: VectorMatching | undefined): Labels {
  const { kind, labels: names, group } = matching ?? { kind: 'ignoring', labels: [] };
  const include = group?.include ?? [];
  const labels = group
    ? [...grouped(many, 'without', include), ...grouped(one, 'by', include)]
    : grouped(many, kind === 'on' ? 'by' : 'without', names);
  return sorted(labels.filter(([, value]) => value !== ''));
}
