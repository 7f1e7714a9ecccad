import { power } from '../../planning/logql/fold.js';
import type { BinaryOperation } from '../../planning/physical/node.js';

export function isComparison(operation: BinaryOperation): boolean {
  switch (operation) {
    case 'EQ':
    case 'NEQ':
    case 'GT':
    case 'GTE':
    case 'LT':
    case 'LTE':
      return true;
    default:
      return false;
  }
}

/** Arithmetic as LogQL does it: division and modulo by zero are NaN (A80); a comparison is 1 or 0. */
export function calculate(operation: BinaryOperation, left: number, right: number): number {
  switch (operation) {
    case 'ADD':
      return left + right;
    case 'SUB':
      return left - right;
    case 'MUL':
      return left * right;
    case 'DIV':
      return right === 0 ? Number.NaN : left / right;
    case 'MOD':
      return right === 0 ? Number.NaN : left % right;
    case 'POW':
      return power(left, right);
    case 'EQ':
      return left === right ? 1 : 0;
    case 'NEQ':
      return left !== right ? 1 : 0;
    case 'GT':
      return left > right ? 1 : 0;
    case 'GTE':
      return left >= right ? 1 : 0;
    case 'LT':
      return left < right ? 1 : 0;
    case 'LTE':
      return left <= right ? 1 : 0;
    case 'AND':
    case 'OR':
    case 'UNLESS':
      throw new Error(`${operation} works on sets of series, not on values`);
  }
}
