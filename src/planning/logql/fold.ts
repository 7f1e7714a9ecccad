import { unreachable } from '../../wire/exhaustive.js';
import type { BinaryOp, SetOp } from './ast.js';

/** The operators that have a value for two numbers. */
export type ScalarOp = Exclude<BinaryOp, SetOp>;

/**
 * What an operator yields for two numbers. Division by zero and remainder by zero are NaN, as in Loki; comparisons are
 * 1 or 0.
 */
export function foldNumbers(op: ScalarOp, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? NaN : left / right;
    case '%':
      return right === 0 ? NaN : left % right;
    case '^':
      return power(left, right);
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    default:
      return unreachable(op);
  }
}

/** Go's math.Pow follows C99 where JavaScript does not: 1 to any power, and -1 to an infinite one, are 1. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}
