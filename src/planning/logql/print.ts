import { formatGoDuration, formatPrometheusDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloatAs, formatGoG } from '../../wire/go-format.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGoString } from '../../wire/go-quote.js';
import type { BinaryExpr, Expr, Grouping, LogExpr, LogRange, VectorMatching } from './ast.js';
import { printMatcher, printStage, printUnwrap } from './print-stage.js';

/**
 * A query in Loki's canonical form, on one line. Parsing it gives the same tree again; where Loki's form would round
 * a number or mean something else, the nearest form that does not is used.
 */
export function printExpr(expr: Expr): string {
  return printNode(expr, printExpr);
}

/** The same with another printer for the expressions inside. */
export function printNode(expr: Expr, print: (inner: Expr) => string): string {
  switch (expr.kind) {
    case 'log':
      return printLog(expr);
    case 'range-aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${formatGoFloat(expr.parameter)},`;
      return `${expr.op}(${parameter}${printLogRange(expr.range)})${printGrouping(expr.grouping)}`;
    }
    case 'vector-aggregation': {
      const parameter = expr.parameter === undefined ? '' : `${expr.parameter},`;
      return `${expr.op}${printGrouping(expr.grouping)}(${parameter}${print(expr.inner)})`;
    }
    case 'binary': {
      const right = print(expr.right);
      return `(${print(expr.left)} ${printOperator(expr, right, ',')} ${right})`;
    }
    case 'literal':
      return printLiteral(expr.value);
    case 'label-replace': {
      const texts = [expr.destination, expr.replacement, expr.source, expr.pattern].map((text) => quoteGoString(text));
      return `label_replace(${[print(expr.inner), ...texts].join(',')})`;
    }
    case 'vector':
      return `vector(${printVectorValue(expr.value)})`;
    default:
      return unreachable(expr);
  }
}

export function printSelector({ matchers }: LogExpr): string {
  return `{${matchers.map(printMatcher).join(', ')}}`;
}

function printLog(log: LogExpr): string {
  return [printSelector(log), ...log.stages.map(printStage)].join(' ');
}

function printLogRange({ log, unwrap, rangeNs, offsetNs }: LogRange): string {
  const stages = unwrap === undefined ? [] : printUnwrap(unwrap);
  const offset = offsetNs === 0 ? '' : ` offset ${formatGoDuration(offsetNs)}`;
  return `${[printLog(log), ...stages].join(' ')}[${formatPrometheusDuration(rangeNs)}]${offset}`;
}

export function printGrouping(grouping: Grouping | undefined, separator = ','): string {
  return grouping === undefined ? '' : ` ${grouping.kind} (${grouping.labels.join(separator)})`;
}

/** `> bool on (a) group_left (b)`. */
export function printOperator({ op, bool, matching }: BinaryExpr, right: string, separator: string): string {
  return `${op}${bool ? ' bool' : ''}${matching === undefined ? '' : printMatching(matching, right, separator)}`;
}

function printMatching({ kind, labels, group }: VectorMatching, right: string, separator: string): string {
  const on = ` ${kind} (${labels.join(separator)})`;
  if (group === undefined) return on;
  // A parenthesis after a bare group_left would be read as its labels.
  const bare = group.include.length === 0 && !right.trimStart().startsWith('(');
  return `${on} group_${group.side}${bare ? '' : ` (${group.include.join(separator)})`}`;
}

/** Go's `%v`. What cannot be written as a number is written as a sum that has it as its value. */
function printLiteral(value: number): string {
  if (Number.isNaN(value)) return '(0 / 0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1e308 * 10)' : '(-1e308 * 10)';
  return formatGoG(value);
}

/** Go's `%f`, unless that would round. */
function printVectorValue(value: number): string {
  const fixed = formatGoFloatAs(value, 'f', 6);
  return Number(fixed) === value ? fixed : formatGoFloat(value);
}
