import type { Regex } from '../../planning/regex/ast.js';
import { type RequiredFactors, requiredFactors } from '../../planning/regex/factors.js';
import { ConstantMatcher, type LineMatcher } from './line-matcher.js';
import { factorsOperand, type Operand } from './simd/line-search.js';
import { searchRows } from './simd/search-rows.js';

const EVERY_ROW = new ConstantMatcher(true);

/** Leaves out rows that cannot match an expression, where that is cheap; what it keeps is still to be tested. */
export class FactorSieve implements LineMatcher {
  readonly #operand: Operand;

  constructor({ factors, need }: RequiredFactors) {
    this.#operand = factorsOperand(factors, need);
  }

  /** Null when the expression asks for nothing that is worth looking for. */
  static of(regex: Regex): FactorSieve | null {
    const required = requiredFactors(regex);
    return required && new FactorSieve(required);
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (count === 0) return 0;
    const found = searchRows(this.#operand, offsets, bytes, rows, count, keep);
    return found ?? EVERY_ROW.match(offsets, bytes, rows, count, keep);
  }
}
