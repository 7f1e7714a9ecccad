import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatGoDuration,
  formatPrometheusDuration,
  NS,
  parseGoDuration,
  parsePrometheusDuration,
} from './duration.js';

describe('parseGoDuration', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['5s', 5e9],
    ['+5s', 5e9],
    ['-5s', -5e9],
    ['1h15m30.918s', 4_530_918_000_000],
    ['5.s', 5e9],
    ['.5s', 5e8],
    ['100us', 100_000],
    ['100µs', 100_000],
    ['100μs', 100_000],
    ['12ns', 12],
    ['1.5h', 5400e9],
    ['3m2h', 7380e9],
    ['0.333333333333333333333333h', 1_200_000_000_000],
    ['0.9ns', 0],
    ['39h9m14.425s', 140_954_425_000_000],
    ['-9223372036854775808ns', -(2 ** 63)],
  ])('%s is %d ns', (text, ns) => {
    expect(parseGoDuration(text)).toBe(ns);
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['oops', 'time: invalid duration "oops"'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['90', 'time: missing unit in duration "90"'],
    ['1.5', 'time: missing unit in duration "1.5"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['5 s', 'time: unknown unit " s" in duration "5 s"'],
    ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
    ['"\\', 'time: invalid duration "\\"\\\\"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['9999999999h', 'time: invalid duration "9999999999h"'],
  ])('%j is refused in Go words', (text, message) => {
    expect(() => parseGoDuration(text)).toThrow(new Error(message));
  });
});

describe('parsePrometheusDuration', () => {
  it.each([
    ['0', 0],
    ['5m', 300e9],
    ['1y2w3d4h5m6s7ms', NS.year + 2 * NS.week + 3 * NS.day + 4 * NS.hour + 306e9 + 7e6],
    ['0s', 0],
    ['300s', 300e9],
  ])('%s is %d ns', (text, ns) => {
    expect(parsePrometheusDuration(text)).toBe(ns);
  });

  it.each([
    ['', 'empty duration string'],
    ['x', 'not a valid duration string: "x"'],
    ['5', 'not a valid duration string: "5"'],
    ['-5m', 'not a valid duration string: "-5m"'],
    ['1.5h', 'unknown unit "." in duration "1.5h"'],
    [' 5m ', 'not a valid duration string: " 5m "'],
    ['5m ', 'unknown unit "m " in duration "5m "'],
    ['5m1h', 'not a valid duration string: "5m1h"'],
    ['5m5m', 'not a valid duration string: "5m5m"'],
    ['5minutes', 'unknown unit "minutes" in duration "5minutes"'],
    ['100us', 'unknown unit "us" in duration "100us"'],
    ['300y', 'duration out of range'],
    ['99999999999999999999s', 'not a valid duration string: "99999999999999999999s"'],
  ])('%j is refused in Prometheus words', (text, message) => {
    expect(() => parsePrometheusDuration(text)).toThrow(new Error(message));
  });
});

describe('formatGoDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ns'],
    [1100, '1.1µs'],
    [100_000, '100µs'],
    [2_200_000, '2.2ms'],
    [1.5e9, '1.5s'],
    [300e9, '5m0s'],
    [3600e9, '1h0m0s'],
    [5025.5e9, '1h23m45.5s'],
    [300e9 + 1e6, '5m0.001s'],
    [-300e9, '-5m0s'],
    [NS.year, '8760h0m0s'],
  ])('%d ns is %s', (ns, text) => {
    expect(formatGoDuration(ns)).toBe(text);
  });

  it('reads back as the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (ns) => {
        expect(parseGoDuration(formatGoDuration(ns))).toBe(ns === 0 ? 0 : ns);
      }),
    );
  });
});

describe('formatPrometheusDuration', () => {
  it.each([
    [0, '0s'],
    [300e9, '5m'],
    [5400e9, '1h30m'],
    [NS.day, '1d'],
    [2 * NS.week, '2w'],
    [90 * NS.day, '90d'],
    [NS.year, '1y'],
    [NS.year + NS.day, '366d'],
    [NS.week + NS.second, '7d1s'],
    [1.5e9, '1s500ms'],
    [-300e9, '-5m'],
    [500, '0s'],
  ])('%d ns is %s', (ns, text) => {
    expect(formatPrometheusDuration(ns)).toBe(text);
  });
});
