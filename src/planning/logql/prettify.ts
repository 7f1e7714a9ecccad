import { formatGoDuration, formatPrometheusDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGoString } from '../../wire/go-quote.js';
import type { BinaryExpr, Expr, LabelReplaceExpr, LogRange, MetricExpr, Stage } from './ast.js';
import { binaryRank } from './binary.js';
import { printGrouping, printNode, printOperator, printSelector } from './print.js';
import { printStage, printUnwrap } from './print-stage.js';

/** An expression with more bytes than this is broken into lines. */
const MAX_LINE = 100;
const NS_PER_MS = 1e6;

/** A query laid out for people: what does not fit a line is broken, two spaces a level. */
export function prettyPrint(expr: Expr): string {
  const lines = new Map<Expr, string>();
  const flat = (inner: Expr): string => {
    const known = lines.get(inner);
    if (known !== undefined) return known;
    const line = printNode(inner, flat);
    lines.set(inner, line);
    return line;
  };
  return layOut(expr, 0, flat);
}

type Flat = (expr: Expr) => string;

function layOut(expr: Expr, level: number, flat: Flat): string {
  const line = flat(expr);
  if (Buffer.byteLength(line) <= MAX_LINE) return indent(level) + line;
  switch (expr.kind) {
    case 'log':
      return [indent(level) + printSelector(expr), ...layOutStages(expr.stages, level + 1)].join('\n');
    case 'range-aggregation': {
      const parameter = expr.parameter === undefined ? [] : [indent(level + 1) + formatGoFloat(expr.parameter)];
      const call = layOutCall(expr.op, [...parameter, layOutRange(expr.range, level + 1, flat)], level);
      return call + printGrouping(expr.grouping, ', ');
    }
    case 'vector-aggregation': {
      const parameter = expr.parameter === undefined ? [] : [`${indent(level + 1)}${expr.parameter}`];
      const call = `${expr.op}${printGrouping(expr.grouping, ', ')}`;
      return layOutCall(call, [...parameter, layOut(expr.inner, level + 1, flat)], level);
    }
    case 'binary':
      return layOutBinary(expr, level, flat);
    case 'label-replace':
      return layOutLabelReplace(expr, level, flat);
    case 'literal':
    case 'vector':
      return indent(level) + line;
    default:
      return unreachable(expr);
  }
}

function layOutCall(name: string, parameters: readonly string[], level: number): string {
  return `${indent(level)}${name}(\n${parameters.join(',\n')}\n${indent(level)})`;
}

function layOutLabelReplace(expr: LabelReplaceExpr, level: number, flat: Flat): string {
  const texts = [expr.destination, expr.replacement, expr.source, expr.pattern];
  const parameters = texts.map((text) => indent(level + 1) + quoteGoString(text));
  return layOutCall('label_replace', [layOut(expr.inner, level + 1, flat), ...parameters], level);
}

/** One line a stage; a run of line filters shares a line when it fits. */
function layOutStages(stages: readonly Stage[], level: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < stages.length; ) {
    let end = i;
    while (stages[end]?.kind === 'line-filter') end++;
    const run = stages.slice(i, Math.max(end, i + 1)).map(printStage);
    const together = run.join(' ');
    lines.push(...(Buffer.byteLength(together) <= MAX_LINE ? [together] : run));
    i += run.length;
  }
  return lines.map((line) => indent(level) + line);
}

function layOutRange({ log, unwrap, rangeNs, offsetNs }: LogRange, level: number, flat: Flat): string {
  const conversion = unwrap === undefined ? [] : printUnwrap(unwrap).map((line) => indent(level + 1) + line);
  const window = `[${formatPrometheusDuration(rangeNs)}]${offsetNs === 0 ? '' : ` offset ${printOffset(offsetNs)}`}`;
  return `${[layOut(log, level, flat), ...conversion].join('\n')} ${window}`;
}

/** Prometheus' notation leaves out zero units but ends at milliseconds. */
function printOffset(ns: number): string {
  return ns % NS_PER_MS === 0 ? formatPrometheusDuration(ns) : formatGoDuration(ns);
}

function layOutBinary(expr: BinaryExpr, level: number, flat: Flat): string {
  const left = layOutLeg(expr, expr.left, level + 1, flat);
  const right = layOutLeg(expr, expr.right, level + 1, flat);
  return `${left}\n${indent(level)}${printOperator(expr, right, ', ')}\n${right}`;
}

/** A leg that is broken into lines has lost its parentheses, so those it needs are put around it. */
function layOutLeg(parent: BinaryExpr, leg: MetricExpr, level: number, flat: Flat): string {
  const broken = Buffer.byteLength(flat(leg)) > MAX_LINE;
  if (!broken || leg.kind !== 'binary' || !needsParentheses(parent, leg)) return layOut(leg, level, flat);
  return `${indent(level)}(\n${layOut(leg, level + 1, flat)}\n${indent(level)})`;
}

function needsParentheses(parent: BinaryExpr, leg: BinaryExpr): boolean {
  const difference = binaryRank(leg.op) - binaryRank(parent.op);
  if (difference !== 0) return difference < 0;
  const groupsTo = parent.op === '^' ? parent.right : parent.left;
  return leg !== groupsTo;
}

function indent(level: number): string {
  return '  '.repeat(level);
}
