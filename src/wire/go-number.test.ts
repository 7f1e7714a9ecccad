import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGoFloat, parseGoFloat } from './go-number.js';

describe('parseGoFloat', () => {
  it.each([
    ['1', 1],
    ['-1.5', -1.5],
    ['+.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['1_000.5_0', 1000.5],
    ['0x1p-2', 0.25],
    ['-0X1.8P1', -3],
    ['0x_1p0', 1],
    ['0x.8p1', 1],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.8p-1074', 1e-323],
    ['0x10000000000000800p0', 2 ** 64],
    ['0x10000000000000801p0', 2 ** 64 + 4096],
    ['0x0p99999', 0],
    ['0x1p-999999999999', 0],
    ['inf', Infinity],
    ['+Infinity', Infinity],
    ['-INF', -Infinity],
    ['NaN', NaN],
    ['007', 7],
  ])('%s is %d', (text, value) => {
    expect(parseGoFloat(text)).toBe(value);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    'x',
    '.',
    '1e',
    '1e+',
    '_1',
    '1_',
    '1__0',
    '1_.5',
    '0x10',
    '0b1',
    '0o7',
    '0xp1',
    '+nan',
    'infin',
    '1,5',
  ])('%j is invalid syntax', (text) => {
    expect(() => parseGoFloat(text)).toThrow(new Error(`strconv.ParseFloat: parsing "${text}": invalid syntax`));
  });

  it('refuses what does not fit a float64', () => {
    expect(() => parseGoFloat('1e999')).toThrow(new Error('strconv.ParseFloat: parsing "1e999": value out of range'));
    expect(() => parseGoFloat('0x1p1024')).toThrow('value out of range');
  });

  it('takes linear time on long garbage', () => {
    expect(() => parseGoFloat(`0x${'a'.repeat(100_000)}`)).toThrow('invalid syntax');
    expect(() => parseGoFloat(`${'1'.repeat(100_000)}x`)).toThrow('invalid syntax');
  });

  it('quotes the text in its message as Go does', () => {
    expect(() => parseGoFloat('a"b')).toThrow(new Error('strconv.ParseFloat: parsing "a\\"b": invalid syntax'));
  });
});

describe('formatGoFloat', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [42, '42'],
    [0.1, '0.1'],
    [1e21, '1000000000000000000000'],
    [1.5e25, `15${'0'.repeat(24)}`],
    [1.25e-7, '0.000000125'],
    [-1e-10, '-0.0000000001'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ])('%d is %s', (value, text) => {
    expect(formatGoFloat(value)).toBe(text);
  });

  it('reads back as the same number, and never has an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatGoFloat(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(parseGoFloat(text)).toBe(value);
      }),
    );
  });
});
