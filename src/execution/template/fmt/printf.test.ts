import { describe, expect, it } from 'vitest';
import { fromJsonValue, Int, int, type Value } from '../value.js';
import { sprintf } from './printf.js';

describe('sprintf', () => {
  it.each<[string, Value[], string]>([
    [
      '%d|%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o|%O|%b|%c|%q|%U|%#U',
      Array<Value>(17).fill(int(65)),
      "65|   65|65   |00065|+65| 65|41|41|0x41|101|0101|0o101|1000001|A|'A'|U+0041|U+0041 'A'",
    ],
    ['%d|%05d|%+05d|%.5d|%8.5d|%-8.5d|', Array<Value>(6).fill(int(-42)), '-42|-0042|-0042|-00042|  -00042|-00042  |'],
    ['%.0d|%3.0d|', [int(0), int(0)], '|   |'],
    [
      '%f|%.2f|%8.3f|%-8.1f|%08.2f|%+.1f|% .1f|%e|%.1e|%g|%G|%v',
      Array<Value>(12).fill(2.34567),
      '2.345670|2.35|   2.346|2.3     |00002.35|+2.3| 2.3|2.345670e+00|2.3e+00|2.34567|2.34567|2.34567',
    ],
    ['%.3g|%g|%6.2g|%#g|%#.3g', [1234567, 1e-7, 0.0001234, 1, 100], '1.23e+06|1e-07|0.00012|1.00000|100.'],
    ['%x|%X|%.2x|%b', [1, -1.5, 2.34567, 1], '0x1p+00|-0X1.8P+00|0x1.2cp+01|4503599627370496p-52'],
    ['%f|%5.1f|%05f|%+v', [Infinity, Number.NaN, -Infinity, Infinity], '+Inf|  NaN| -Inf|+Inf'],
    [
      '%s|%5s|%-5s|%.2s|%q|%x|%X|% x|%#x|%# x|%+q|%#q|%v',
      Array<Value>(13).fill('hé'),
      'hé|   hé|hé   |hé|"hé"|68c3a9|68C3A9|68 c3 a9|0x68c3a9|0x68 0xc3 0xa9|"h\\u00e9"|`hé`|hé',
    ],
    ['%05s', ['ab'], '000ab'],
    ['%t|%v|%5t|%-6t|', [true, false, true, false], 'true|false| true|false |'],
    [
      '%v|%+v|%#v|%T',
      Array<Value>(4).fill(fromJsonValue({ a: [1, 'x', null], b: true })),
      'map[a:[1 x <nil>] b:true]|map[a:[1 x <nil>] b:true]|map[string]interface {}{"a":[]interface {}{1, "x", interface {}(nil)}, "b":true}|map[string]interface {}',
    ],
    [
      '%d|%s|%5v',
      [fromJsonValue([1, 2]), fromJsonValue(['a', 1]), fromJsonValue(['a', 'b'])],
      '[%!d(float64=1) %!d(float64=2)]|[a %!s(float64=1)]|[    a     b]',
    ],
    [
      '%v|%s|%d|%T|%q',
      [undefined, undefined, undefined, undefined, undefined],
      '<nil>|%!s(<nil>)|%!d(<nil>)|<nil>|%!q(<nil>)',
    ],
    ['%T|%T|%T|%T|%T', ['a', 1.5, int(1), new Int('int64', 1n), true], 'string|float64|int|int64|bool'],
    ['%#v|%#v|%#v|%#v', ['a"b', 1e6, int(3), true], '"a\\"b"|1e+06|3|true'],
    [
      '%d|%s|%t|%z|%f',
      ['a', 1, 'x', int(3), int(3)],
      '%!d(string=a)|%!s(float64=1)|%!t(string=x)|%!z(int=3)|%!f(int=3)',
    ],
    ['%d %d', [int(1)], '1 %!d(MISSING)'],
    ['%d', [int(1), 'x', undefined], '1%!(EXTRA string=x, <nil>)'],
    ['%', [], '%!(NOVERB)'],
    ['100%%|%5%|%-', [], '100%|%|%!(NOVERB)'],
    ['%*d|%-*d|%.*f', [int(5), int(1), int(4), int(2), int(1), 2.13], '    1|2   |2.1'],
    ['%*d', ['x', int(1)], '%!(BADWIDTH)1'],
    ['%.*d', [int(-1), int(1)], '%!(BADPREC)1'],
    ['%*d|', [int(-4), int(1)], '1   |'],
    ['%[2]d %[1]d', [int(1), int(2)], '2 1'],
    ['%[2]*[1]d', [int(1), int(5)], '    1'],
    ['%[3]d|%[x]d|%[1]5d|%[1d', [int(1)], '%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)'],
    ['%[1]d %d', [int(1), int(2), int(3)], '1 2'],
    ['%s|%d|%v|%x', Array<Value>(4).fill(new Int('time.Duration', 1_500_000_000n)), '1.5s|1500000000|1.5s|312e3573'],
    ['%!|%é', [int(1), int(2)], '%!!(int=1)|%!é(int=2)'],
    ['%w', ['x'], '%!w(string=x)'],
  ])('%j', (format, args, expected) => {
    expect(sprintf(format, args)).toBe(expected);
  });

  it('widths and precisions cannot make endless texts', () => {
    expect(() => sprintf('%2000000d', [int(1)])).toThrow('output exceeds');
    expect(() => sprintf('%.2000000f', [1])).toThrow('output exceeds');
    expect(() => sprintf('%900000d%900000d', [int(1), int(1)])).toThrow('output exceeds');
    expect(sprintf('%99999999d|', [int(1)])).toBe('%!(NOVERB)%!(EXTRA int=1)');
  });
});
