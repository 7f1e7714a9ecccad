import { describe, expect, it } from 'vitest';
import { layOut } from '../../../test/arbitrary/lines.js';
import { compilePatternFilter } from './pattern-filter.js';

function accepts(pattern: string, line: string): boolean {
  const { offsets, bytes } = layOut([Buffer.from('x'), Buffer.from(line)], null);
  return compilePatternFilter(pattern).match(offsets, bytes, Int32Array.of(1), 1, new Int32Array(1)) === 1;
}

describe('compilePatternFilter', () => {
  it.each([
    ['<_>', 'a', true],
    ['<_>', '', false],
    ['', '', true],
    ['', 'a', false],
    ['foo <_>', 'foo bar', true],
    ['foo <_>', 'bar foo x', true],
    ['foo <_>', 'foo ', false],
    ['<_> foo', 'bar foo', true],
    ['<_> foo', ' foo', false],
    ['<_> foo', 'bar food', false],
    ['foo', 'xfoo', true],
    ['foo', 'foox', false],
    ['<_> bar', 'foo bar baz bar', false],
    ['<_>foo<_>bar<_>', 'afoobbarc', true],
    ['<_>foo<_>bar<_>', 'afoobarc', false],
    ['<_> - - <_> "GET <_>', '10.0.0.1 - - [x] "GET /', true],
    ['<_>日本<_>', 'x日本y', true],
  ])('%j on %j answers %s', (pattern, line, answer) => {
    expect(accepts(pattern, line)).toBe(answer);
  });

  it('looks at selected rows only', () => {
    const { offsets, bytes } = layOut(
      ['ab', 'xb', 'b', 'yb'].map((line) => Buffer.from(line)),
      null,
    );
    const keep = new Int32Array(4);
    const filter = compilePatternFilter('<_>b');
    expect([...keep.subarray(0, filter.match(offsets, bytes, null, 4, keep))]).toEqual([0, 1, 3]);
    expect([...keep.subarray(0, filter.match(offsets, bytes, Int32Array.of(1, 2), 2, keep))]).toEqual([1]);
  });

  it('refuses named captures', () => {
    expect(() => compilePatternFilter('<a> b')).toThrow("named captures are not allowed: found '<a>'");
  });
});

it('finds bytes that are no UTF-8', () => {
  const filter = compilePatternFilter('\udcff<_>');
  const bytes = Buffer.from([0xff, 0x61, 0xef, 0xbf, 0xbd, 0x61]);
  const keep = new Int32Array(2);
  expect([...keep.subarray(0, filter.match(Int32Array.of(0, 2, 6), bytes, null, 2, keep))]).toEqual([0]);
});
