import { describe, expect, it } from 'vitest';
import { foldNumbers, power, type ScalarOp } from './fold.js';

describe('foldNumbers', () => {
  it.each<[number, ScalarOp, number, number]>([
    [1, '+', 2, 3],
    [1, '-', 2, -1],
    [3, '*', 2, 6],
    [3, '/', 2, 1.5],
    [-7, '%', 3, -1],
    [2, '^', 10, 1024],
    [1, '==', 1, 1],
    [1, '!=', 1, 0],
    [2, '>', 1, 1],
    [2, '>=', 3, 0],
    [1, '<', 2, 1],
    [3, '<=', 2, 0],
    [1, '/', 0, NaN],
    [1, '%', 0, NaN],
    [NaN, '==', NaN, 0],
    [NaN, '!=', NaN, 1],
  ])('%d %s %d is %d', (left, op, right, value) => {
    expect(foldNumbers(op, left, right)).toBe(value);
  });
});

describe('power', () => {
  it('follows C99', () => {
    expect(power(1, NaN)).toBe(1);
    expect(power(1, Infinity)).toBe(1);
    expect(power(-1, -Infinity)).toBe(1);
    expect(power(NaN, 0)).toBe(1);
    expect(power(-8, 1 / 3)).toBe(NaN);
  });
});
