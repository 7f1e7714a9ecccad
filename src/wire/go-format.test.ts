import { describe, expect, it } from 'vitest';
import { formatGoFloatAs, formatGoG } from './go-format.js';

describe('formatGoG', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [3.5, '3.5'],
    [123456, '123456'],
    [1234567, '1.234567e+06'],
    [100000, '100000'],
    [1e6, '1e+06'],
    [3e6, '3e+06'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-1.5e-7, '-1.5e-07'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ])('%d prints as %s', (value, expected) => {
    expect(formatGoG(value)).toBe(expected);
  });
});

describe('formatGoFloatAs', () => {
  it.each([
    [0.5, 'f', 0, '0'],
    [1.5, 'f', 0, '2'],
    [2.5, 'f', 0, '2'],
    [2.675, 'f', 2, '2.67'],
    [1.005, 'f', 2, '1.00'],
    [0, 'f', 2, '0.00'],
    [-0.001, 'f', 2, '-0.00'],
    [1e22, 'f', 1, '10000000000000000000000.0'],
    [1e21, 'f', -1, '1000000000000000000000'],
    [0.000001, 'f', -1, '0.000001'],
    [1234.5678, 'e', 3, '1.235e+03'],
    [0, 'e', 2, '0.00e+00'],
    [9.99, 'e', 1, '1.0e+01'],
    [1e-7, 'E', -1, '1E-07'],
    [1234.5678, 'g', 6, '1234.57'],
    [1234567, 'g', 6, '1.23457e+06'],
    [1000000, 'g', 7, '1000000'],
    [100, 'g', 2, '1e+02'],
    [100, 'g', 3, '100'],
    [0.00001234, 'G', 3, '1.23E-05'],
    [9.999999999999999e22, 'e', 0, '1e+23'],
    [9.5, 'g', 0, '1e+01'],
    [1e23, 'e', 20, '9.99999999999999916114e+22'],
  ] as const)('%d as %%%s with precision %d prints %s', (value, verb, precision, expected) => {
    expect(formatGoFloatAs(value, verb, precision)).toBe(expected);
  });

  it('a huge precision costs no more than its zeros', () => {
    expect(formatGoFloatAs(0.5, 'f', 100_000)).toBe(`0.5${'0'.repeat(99_999)}`);
    expect(formatGoFloatAs(0.5, 'e', 100_000)).toBe(`5.${'0'.repeat(100_000)}e-01`);
  });
});
