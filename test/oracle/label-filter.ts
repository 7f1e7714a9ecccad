import type { CompareOp, LabelFilter } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import { anyAddress, ipTest } from './ip.js';
import { ERROR, type RowLabels } from './labels.js';
import { matchesLabel } from './matcher.js';
import { parseBytes, parseDurationGo, parseFloatGo } from './units.js';

/** A55-A60. What cannot be converted keeps the row, with an error. */
export function keepsRow(filter: LabelFilter, labels: RowLabels): boolean {
  switch (filter.kind) {
    case 'and': {
      const left = keepsRow(filter.left, labels);
      const right = keepsRow(filter.right, labels);
      return left && right;
    }
    case 'or':
      return keepsRow(filter.left, labels) || keepsRow(filter.right, labels);
    case 'string': {
      const { name } = filter.matcher;
      return matchesLabel(filter.matcher, name === ERROR ? labels.error : (labels.get(name) ?? ''));
    }
    case 'ip':
      return keepsAddress(filter, labels);
    case 'number':
      return keepsTyped(filter, labels, parseFloatGo);
    case 'duration':
      return keepsTyped(filter, labels, parseDurationGo);
    case 'bytes':
      return keepsTyped({ ...filter, value: asPrinted(filter.value) }, labels, parseBytes);
    default:
      return unreachable(filter);
  }
}

function keepsAddress({ name, op, value }: LabelFilter & { kind: 'ip' }, labels: RowLabels): boolean {
  if (labels.error !== '') return true;
  const text = labels.get(name);
  if (text === undefined) return false;
  const isIn = anyAddress(text, ipTest(value));
  return op === '=' ? isIn : !isIn;
}

function keepsTyped(
  { name, op, value }: LabelFilter & { kind: 'number' | 'duration' | 'bytes' },
  labels: RowLabels,
  parse: (text: string) => number,
): boolean {
  const text = labels.get(name);
  if (text === undefined) return false;
  try {
    return compare(op, parse(text), value);
  } catch (error) {
    if (labels.error === '') labels.fail('LabelFilterErr', (error as Error).message);
    return true;
  }
}

/** Loki prints a size in decimal units of one or two digits and reads that: `1GiB` becomes 1.1 GB (labelfilter-029). */
function asPrinted(bytes: number): number {
  if (bytes < 1000) return bytes;
  const unit = 1000 ** Math.floor(Math.log(bytes) / Math.log(1000));
  const value = Math.floor((bytes / unit) * 10 + 0.5) / 10;
  return Math.trunc((value < 10 ? value : halfToEven(value)) * unit);
}

function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

export function compare(op: CompareOp, a: number, b: number): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    default:
      return unreachable(op);
  }
}
