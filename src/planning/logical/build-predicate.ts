/** Conditions: stream matchers, line filters and label filters as comparisons joined by AND and OR. */
import { unreachable } from '../../wire/exhaustive.js';
import type * as ast from '../logql/ast.js';
import { type ColumnRef, type CompareOp, columnOf, type Literal, MESSAGE } from '../physical/expression.js';
import { simplifyRegex } from '../regex/simplify.js';
import type { Emitter } from './emitter.js';
import type { ValueId } from './value.js';

const MATCH_OPS: Record<ast.MatchOp, CompareOp> = { '=': 'EQ', '!=': 'NEQ', '=~': 'MATCH_RE', '!~': 'NOT_MATCH_RE' };

const COMPARE_OPS: Record<ast.CompareOp, CompareOp> = {
  '==': 'EQ',
  '!=': 'NEQ',
  '>': 'GT',
  '>=': 'GTE',
  '<': 'LT',
  '<=': 'LTE',
};

const LINE_OPS: Record<ast.LineFilterOp, CompareOp> = {
  '|=': 'MATCH_STR',
  '!=': 'NOT_MATCH_STR',
  '|~': 'MATCH_RE',
  '!~': 'NOT_MATCH_RE',
  '|>': 'MATCH_PAT',
  '!>': 'NOT_MATCH_PAT',
};

/** Absent when there are no matchers. */
export function buildSelector(emitter: Emitter, matchers: readonly ast.Matcher[]): ValueId | undefined {
  if (matchers.length === 0) return undefined;
  const tests = matchers.map(({ name, op, value }) => {
    const column: ColumnRef = { kind: 'column', type: 'label', name };
    return () => compare(emitter, MATCH_OPS[op], column, text(value));
  });
  return emitter.connect('and', tests);
}

/** Line filters in sequence are one condition. */
export function buildLineFilters(emitter: Emitter, filters: readonly ast.LineFilter[]): ValueId {
  return emitter.connect(
    'and',
    filters.map((filter) => () => buildLineFilter(emitter, filter)),
  );
}

/** `or` after a negative operator means neither (A35). */
function buildLineFilter(emitter: Emitter, filter: ast.LineFilter): ValueId {
  const negative = filter.op.startsWith('!');
  const operands = negative ? filter.operands : meaningful(filter);
  const tests = operands.map(({ kind, value }) => {
    const op = kind === 'text' ? LINE_OPS[filter.op] : negative ? 'NOT_MATCH_IP' : 'MATCH_IP';
    return () => compare(emitter, op, MESSAGE, text(value));
  });
  return emitter.connect(negative ? 'and' : 'or', tests);
}

/** Loki forgets an operand that every line meets as soon as there is another one (A35). */
function meaningful({ op, operands }: ast.LineFilter): readonly ast.LineFilterOperand[] {
  const kept = operands.filter(({ kind, value }) => {
    if (kind === 'ip') return true;
    if (op === '|=') return value !== '';
    return op !== '|~' || simplifyRegex(value, { mode: 'search' }).kind !== 'all';
  });
  return kept.length > 0 ? kept : operands.slice(0, 1);
}

export function buildLabelFilter(emitter: Emitter, filter: ast.LabelFilter): ValueId {
  switch (filter.kind) {
    case 'string': {
      const { name, op, value } = filter.matcher;
      return compare(emitter, MATCH_OPS[op], columnOf(name), text(value));
    }
    case 'number':
      return compareTyped(emitter, filter, 'float');
    case 'duration':
      return compareTyped(emitter, filter, 'duration');
    case 'bytes':
      return compareTyped(emitter, { ...filter, value: asLokiReadsIt(filter.value) }, 'bytes');
    case 'ip': {
      const op = filter.op === '=' ? 'MATCH_IP' : 'NOT_MATCH_IP';
      return compare(emitter, op, columnOf(filter.name), text(filter.value));
    }
    case 'and':
    case 'or': {
      const left = buildLabelFilter(emitter, filter.left);
      return emitter.emit({ kind: filter.kind, left, right: buildLabelFilter(emitter, filter.right) });
    }
    default:
      return unreachable(filter);
  }
}

/**
 * Loki prints a query and parses it again before it runs, and prints sizes to two or three digits in decimal units
 * (`10KiB` becomes `10 kB`), so the rounded size is the one that counts.
 */
function asLokiReadsIt(bytes: number): number {
  if (bytes < 1000) return bytes;
  const unit = 1000 ** Math.floor(Math.log(bytes) / Math.log(1000));
  const tenths = Math.floor((bytes / unit) * 10 + 0.5);
  return (tenths >= 100 ? halfToEven(tenths / 10) : tenths / 10) * unit;
}

/** As Go prints a number without decimals: `12.5KB` becomes `12 kB`. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

function compareTyped(
  emitter: Emitter,
  filter: { readonly name: string; readonly op: ast.CompareOp; readonly value: number },
  type: 'float' | 'duration' | 'bytes',
): ValueId {
  return compare(emitter, COMPARE_OPS[filter.op], columnOf(filter.name), {
    kind: 'literal',
    type,
    value: filter.value,
  });
}

export function compare(emitter: Emitter, op: CompareOp, column: ColumnRef, literal: Literal): ValueId {
  return emitter.emit({ kind: 'compare', op, column, literal });
}

function text(value: string): Literal {
  return { kind: 'literal', type: 'string', value };
}
