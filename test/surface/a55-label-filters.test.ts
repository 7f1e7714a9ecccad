/** Label filters: what each type compares, and what cannot be compared (A15, A55-A60). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

/** Values a label may have, one a line; the last line lacks it. */
function values(...texts: readonly string[]) {
  return surface([...texts.map((v) => ({ line: v, metadata: { v } })), 'absent']);
}

describe('A55: text', () => {
  const rows = values('a', 'ab', '5', '5m');

  test.each([
    ['v="a"', ['a']],
    ['v!="a"', ['ab', '5', '5m', 'absent']],
    ['v=""', ['absent']],
    ['v!=""', ['a', 'ab', '5', '5m']],
    ['v=~"a"', ['a']],
    ['v=~"a.?"', ['a', 'ab']],
    ['v=~"(?i)A|AB"', ['a', 'ab']],
    ['v!~"a.?"', ['5', '5m', 'absent']],
    ['v=~".*"', ['a', 'ab', '5', '5m', 'absent']],
    ['v=~".+"', ['a', 'ab', '5', '5m']],
    ['v=~"|a"', ['a', 'absent']],
    ['v="5"', ['5']],
    ['nosuch!="x"', ['a', 'ab', '5', '5m', 'absent']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | ${filter}`)).toEqual(lines);
  });

  test('is not compared with ==', async () => {
    expect(await rows.fault('{app="x"} | v == "a"')).toContain('syntax error: unexpected STRING');
    expect(await rows.fault('{app="x"} | v > "a"')).toContain('syntax error: unexpected STRING');
    expect(await rows.fault('{app="x"} | v =~ 5')).toContain('unexpected NUMBER, expecting STRING');
  });
});

describe('A56: numbers', () => {
  const rows = values('5', '5.0', '-1', '1e3', 'Inf', 'NaN', '0x1p-2', ' 5', 'five', '1__0');
  const unread = [' 5', 'five', '1__0'];

  test.each([
    ['v = 5', ['5', '5.0', ...unread]],
    ['v == 5', ['5', '5.0', ...unread]],
    ['v != 5', ['-1', '1e3', 'Inf', 'NaN', '0x1p-2', ...unread]],
    ['v > 5', ['1e3', 'Inf', ...unread]],
    ['v >= 5', ['5', '5.0', '1e3', 'Inf', ...unread]],
    ['v < 1', ['-1', '0x1p-2', ...unread]],
    ['v <= -1', ['-1', ...unread]],
    ['v = +0.25', ['0x1p-2', ...unread]],
    ['v < 1e400', undefined],
  ])('%s: an absent label is dropped, one that is no number is kept', async (filter, lines) => {
    const query = `{app="x"} | ${filter}`;
    if (lines) expect(await rows.lines(query)).toEqual(lines);
    else expect(await rows.fault(query)).toContain('value out of range');
  });

  test('which cannot be read is marked', async () => {
    expect(await rows.labels('{app="x"} | v > 1e9 | v!="Inf"')).toEqual(
      unread.map((v) => ({
        v,
        __error__: 'LabelFilterErr',
        __error_details__: `strconv.ParseFloat: parsing "${v}": invalid syntax`,
      })),
    );
    expect(await rows.lines('{app="x"} | v > 5 | __error__=""')).toEqual(['1e3', 'Inf']);
  });
});

describe('A56: durations', () => {
  const rows = values('90s', '1.5m', '2h45m', '-1s', '100us', '0', '90', '1d', 'oops');

  test.each([
    ['v = 90s', ['90s', '1.5m']],
    ['v > 1d', []],
    ['v > 2h', ['2h45m']],
    ['v < 1ms', ['-1s', '100us', '0']],
    ['v < -5ms', ['-1s']],
    ['v != 1m30s', ['2h45m', '-1s', '100us', '0']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | ${filter} | __error__=""`)).toEqual(lines);
  });

  test('have no days and want a unit', async () => {
    const seen = await rows.labels('{app="x"} | v > 9999h | __error__!=""');
    expect(seen.map((labels) => labels.__error_details__)).toEqual([
      'time: missing unit in duration "90"',
      'time: unknown unit "d" in duration "1d"',
      'time: invalid duration "oops"',
    ]);
  });
});

describe('A56: sizes', () => {
  const rows = values('5KB', '5000', '5 kb', '5KiB', '1,000B', '1.5mb', '1.0009B', 'xb', '5xb', '-5B');

  test.each([
    ['v = 5KB', ['5KB', '5000', '5 kb']],
    ['v > 5KB', ['5KiB', '1.5mb']],
    ['v >= 1MB', ['1.5mb']],
    ['v < 1KB', ['1.0009B']],
    ['v = 1B', ['1.0009B']],
    ['v = 1000B', ['1,000B']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | ${filter} | __error__=""`)).toEqual(lines);
  });

  test('that cannot be read', async () => {
    const seen = await rows.labels('{app="x"} | v > 1TB | __error__!=""');
    expect(seen.map((labels) => labels.__error_details__)).toEqual([
      'strconv.ParseFloat: parsing "": invalid syntax',
      'unhandled size name: xb',
      'strconv.ParseFloat: parsing "": invalid syntax',
    ]);
  });
});

describe('A57: addresses', () => {
  const rows = values('10.0.0.1', '10.0.0.1:80', '192.168.0.1', '2001:db8::1', 'host');

  test.each([
    ['v = ip("10.0.0.0/8")', ['10.0.0.1', '10.0.0.1:80']],
    ['v != ip("10.0.0.0/8")', ['192.168.0.1', '2001:db8::1', 'host']],
    ['v = ip("2001:db8::/32")', ['2001:db8::1']],
    ['nosuch = ip("10.0.0.0/8")', []],
    ['nosuch != ip("10.0.0.0/8")', []],
    ['v > 1 | v = ip("10.0.0.0/8")', ['10.0.0.1', '10.0.0.1:80', '192.168.0.1', '2001:db8::1', 'host']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | ${filter}`)).toEqual(lines);
  });

  test('are not ordered', async () => {
    expect(await rows.fault('{app="x"} | v > ip("10.0.0.1")')).toContain('unexpected ip');
    expect(await rows.fault('{app="x"} | v == ip("10.0.0.1")')).toContain('unexpected ip');
  });
});

describe('A58: errors', () => {
  const rows = surface(['{"a":1}', 'not json']);

  test.each([
    ['__error__=""', ['{"a":1}']],
    ['__error__!=""', ['not json']],
    ['__error__="JSONParserErr"', ['not json']],
    ['__error__=~"JSON.*"', ['not json']],
    ['__error__!~".+"', ['{"a":1}']],
    ['__error__ > 0', []],
    ['__error__ != 5s', []],
    ['__error_details__=""', ['{"a":1}']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | json | ${filter}`)).toEqual(lines);
  });

  test('the first stays, and whether a filter holds is all that counts', async () => {
    const broken = surface(['{"a":"five","b":7', '{"a":"five","b":3']);
    expect(await broken.labels('{app="x"} | json | a > 5 | b > 5')).toMatchObject([
      { a: 'five', __error__: 'JSONParserErr' },
    ]);
    expect(await rows.lines('{app="x"} | json | a > 5')).toEqual([]);
  });
});

describe('A59: connectives', () => {
  const rows = surface([
    { line: '1', metadata: { a: 'bad', b: '1' } },
    { line: '2', metadata: { a: '5', b: 'bad' } },
    { line: '3', metadata: { a: '1', b: '1' } },
    { line: '4', metadata: { a: '5', b: '5' } },
  ]);
  const errors = async (filter: string): Promise<readonly (readonly [string, boolean])[]> =>
    (await rows.entries(`{app="x"} | ${filter}`)).map(({ line, labels }) => [line, '__error__' in labels]);

  test('or stops at a left side that holds', async () => {
    expect(await errors('a > 4 or b > 4')).toEqual([
      ['1', true],
      ['2', false],
      ['4', false],
    ]);
    expect(await errors('b > 4 or a > 4')).toEqual([
      ['1', true],
      ['2', true],
      ['4', false],
    ]);
  });

  test('and asks both', async () => {
    expect(await errors('(b > 9 and a > 4) or b="1"')).toEqual([
      ['1', true],
      ['2', true],
      ['3', false],
    ]);
    expect(await errors('a > 4 and b > 4')).toEqual([
      ['2', true],
      ['4', false],
    ]);
  });

  test.each([
    ['a = 5 or a = 1 and b = 1', ['1', '2', '3', '4']],
    ['(a = 5 or a = 1) and b = 5', ['2', '4']],
    ['a="5", b="5" or b="bad"', ['2', '4']],
    ['a="5" b="5" or b="bad"', ['2', '4']],
    ['a="1" and b="1" or b="5"', ['3', '4']],
    ['b="bad" or b="5", a="5"', ['2', '4']],
    ['(a="5")(b="5")', ['4']],
  ])('A15: %s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} | ${filter}`)).toEqual(lines);
  });
});

test('A60: before its parser a label is empty', async () => {
  const rows = surface(['a=1', 'a=2']);
  expect(await rows.lines('{app="x"} | a="1" | logfmt')).toEqual([]);
  expect(await rows.lines('{app="x"} | a="" | logfmt | a="1"')).toEqual(['a=1']);
  expect(await rows.lines('{app="x"} | a > 0 | logfmt')).toEqual([]);
  expect(await rows.lines('{app="x"} | logfmt | a > 1')).toEqual(['a=2']);
});
