/** The metric part of a query: aggregations over ranges and vectors, and arithmetic between them. */
import { unreachable } from '../../wire/exhaustive.js';
import type { QueryParameters } from '../facts.js';
import type * as ast from '../logql/ast.js';
import { foldNumbers } from '../logql/fold.js';
import { RANGE_FUNCTIONS } from '../logql/range-functions.js';
import { columnOf, type RowFunction } from '../physical/expression.js';
import type { BinaryOperation, Grouping, RangeOperation } from '../physical/node.js';
import { buildLabelSelect, buildTable } from './build-log.js';
import { type Emitter, operandOf } from './emitter.js';
import type { Evaluation, Operand, ValueId } from './value.js';

const NS_PER_SECOND = 1e9;

const BINARY_OPERATIONS: Record<ast.BinaryOp, BinaryOperation> = {
  '+': 'ADD',
  '-': 'SUB',
  '*': 'MUL',
  '/': 'DIV',
  '%': 'MOD',
  '^': 'POW',
  '==': 'EQ',
  '!=': 'NEQ',
  '>': 'GT',
  '>=': 'GTE',
  '<': 'LT',
  '<=': 'LTE',
  and: 'AND',
  or: 'OR',
  unless: 'UNLESS',
};

/** What each function computes; a rate is divided by the seconds of its range afterwards. */
const RANGE_OPERATIONS: Record<ast.RangeOp, RangeOperation> = {
  count_over_time: 'count',
  rate: 'count',
  rate_counter: 'rate_counter',
  bytes_over_time: 'bytes',
  bytes_rate: 'bytes',
  sum_over_time: 'sum',
  avg_over_time: 'avg',
  min_over_time: 'min',
  max_over_time: 'max',
  stddev_over_time: 'stddev',
  stdvar_over_time: 'stdvar',
  quantile_over_time: 'quantile',
  first_over_time: 'first',
  last_over_time: 'last',
  absent_over_time: 'absent',
};

export class MetricBuilder {
  readonly #emitter: Emitter;
  readonly #evaluation: Evaluation;

  constructor(emitter: Emitter, { start, end, stepNs }: QueryParameters) {
    this.#emitter = emitter;
    this.#evaluation = { start, end, stepNs };
  }

  /** The value of the whole query; a number is the same vector at every step. */
  buildResult(expr: ast.MetricExpr): ValueId {
    const operand = this.#build(expr);
    return operand.kind === 'value' ? operand.id : this.#vector(operand.value);
  }

  #build(expr: ast.MetricExpr): Operand {
    switch (expr.kind) {
      case 'literal':
        return { kind: 'number', value: expr.value };
      case 'vector':
        return operandOf(this.#vector(expr.value));
      case 'range-aggregation':
        return operandOf(this.#rangeAggregation(expr));
      case 'vector-aggregation':
        return operandOf(this.#vectorAggregation(expr));
      case 'binary':
        return this.#binary(expr);
      case 'label-replace': {
        const { destination, replacement, source, pattern } = expr;
        const input = this.#value(expr.inner);
        return operandOf(
          this.#emitter.emit({ kind: 'label-replace', input, destination, replacement, source, pattern }),
        );
      }
      default:
        return unreachable(expr);
    }
  }

  /** Aggregations and functions take a vector; a number in their place is one without labels. */
  #value(expr: ast.MetricExpr): ValueId {
    return this.buildResult(expr);
  }

  #vector(value: number): ValueId {
    return this.#emitter.emit({ kind: 'vector', value, evaluation: this.#evaluation });
  }

  #binary(expr: ast.BinaryExpr): Operand {
    const operation = BINARY_OPERATIONS[expr.op];
    const left = this.#build(expr.left);
    const right = this.#build(expr.right);
    if (left.kind === 'number' && right.kind === 'number' && !isSetOp(expr.op)) {
      return { kind: 'number', value: foldNumbers(expr.op, left.value, right.value) };
    }
    const matching = expr.matching === undefined ? {} : { matching: expr.matching };
    return operandOf(this.#emitter.emit({ kind: 'binary', operation, left, right, bool: expr.bool, ...matching }));
  }

  #vectorAggregation(expr: ast.VectorAggregationExpr): ValueId {
    const { op, inner } = expr;
    if (op === 'sort' || op === 'sort_desc') {
      return this.#emitter.emit({ kind: 'sort', input: this.#value(inner), descending: op === 'sort_desc' });
    }
    const grouping: Grouping = expr.grouping === undefined ? { kind: 'by', columns: [] } : groupingOf(expr.grouping);
    if (op === 'topk' || op === 'bottomk' || op === 'approx_topk') {
      const input = this.#value(inner);
      return this.#emitter.emit({ kind: 'vector-top-k', input, operation: op, k: expr.parameter ?? 0, grouping });
    }
    const summed = op === 'sum' && inner.kind === 'range-aggregation' && RANGE_FUNCTIONS[inner.op].summable;
    const input = summed ? this.#rangeAggregation(inner, grouping) : this.#value(inner);
    return this.#emitter.emit({ kind: 'vector-aggregation', input, operation: op, grouping });
  }

  /** `summedBy` is the grouping of a sum directly around it. */
  #rangeAggregation(expr: ast.RangeAggregationExpr, summedBy?: Grouping): ValueId {
    const { range } = expr;
    const grouping = expr.grouping === undefined ? ALL_LABELS : groupingOf(expr.grouping);
    const table = this.#rangeTable(range, grouping.kind === 'none' ? (summedBy ?? grouping) : grouping);
    const rateOfSamples = expr.op === 'rate' && range.unwrap !== undefined;
    const aggregation = this.#emitter.emit({
      kind: 'range-aggregation',
      table,
      operation: rateOfSamples ? 'sum' : RANGE_OPERATIONS[expr.op],
      evaluation: this.#evaluation,
      rangeNs: range.rangeNs,
      offsetNs: range.offsetNs,
      grouping,
      ...(expr.parameter === undefined ? {} : { parameter: expr.parameter }),
    });
    if (expr.op === 'rate' || expr.op === 'bytes_rate') return this.#perSecond(aggregation, range.rangeNs);
    if (expr.op !== 'absent_over_time') return aggregation;
    const labels = absentLabels(range.log.matchers);
    return this.#emitter.emit({ kind: 'absent', input: aggregation, labels, evaluation: this.#evaluation });
  }

  #perSecond(input: ValueId, rangeNs: number): ValueId {
    const right: Operand = { kind: 'number', value: rangeNs / NS_PER_SECOND };
    return this.#emitter.emit({ kind: 'binary', operation: 'DIV', left: operandOf(input), right, bool: false });
  }

  /** Rows of all windows. The unwrapped label goes, unless `grouping` names it (A70). */
  #rangeTable({ log, unwrap, rangeNs, offsetNs }: ast.LogRange, grouping: Grouping): ValueId {
    const offset = BigInt(Math.round(offsetNs));
    const start = this.#evaluation.start - BigInt(Math.round(rangeNs)) - offset;
    const end = this.#evaluation.end - offset;
    let table = buildTable(this.#emitter, log, { start, end });
    if (unwrap === undefined) return table;
    const { label } = unwrap;
    const project = (fn: RowFunction): ValueId => this.#emitter.emit({ kind: 'project', table, function: fn });
    const conversion = unwrap.conversion === 'duration_seconds' ? 'duration' : unwrap.conversion;
    table = project({ kind: 'unwrap', label, conversion, keepLabel: true });
    for (const filter of unwrap.filters) table = buildLabelSelect(this.#emitter, table, filter);
    const named = grouping.kind === 'by' && grouping.columns.some((column) => column.name === label);
    return named ? table : project({ kind: 'drop', picks: [{ name: label }] });
  }
}

function isSetOp(op: ast.BinaryOp): op is ast.SetOp {
  return op === 'and' || op === 'or' || op === 'unless';
}

const ALL_LABELS: Grouping = { kind: 'none' };

function groupingOf({ kind, labels }: ast.Grouping): Grouping {
  return { kind, columns: [...new Set(labels)].map(columnOf) };
}

/** Names with exactly one matcher, an equality; sorted (A73). */
export function absentLabels(matchers: readonly ast.Matcher[]): readonly (readonly [string, string])[] {
  const equalities = matchers.filter(({ name, op, value }) => {
    const alone = matchers.filter((other) => other.name === name).length === 1;
    return op === '=' && value !== '' && name !== '__name__' && alone;
  });
  const pairs = equalities.map(({ name, value }) => [name, value] as const);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}
