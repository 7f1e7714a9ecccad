import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLines, type Lines, layOut, rowsWhere } from '../../../test/arbitrary/lines.js';
import { anyLine, anyPattern } from '../../../test/arbitrary/regex.js';
import { type MatchOptions, simplifyRegex } from '../../planning/regex/simplify.js';
import { compileRe2 } from '../../planning/regex/syntax.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { compileLineMatcher, compileMatcher, compileStringMatcher } from './compile.js';

function run(matcher: LineMatcher, input: Lines): number[] {
  const keep = new Int32Array(input.count);
  return [...keep.subarray(0, matcher.match(input.offsets, input.bytes, input.rows, input.count, keep))];
}

const text = (...lines: string[]): Lines =>
  layOut(
    lines.map((line) => Buffer.from(line)),
    null,
  );

describe('compileLineMatcher', () => {
  it.each<[string, string[], number[]]>([
    ['.*', ['', 'a', '\n'], [0, 1, 2]],
    ['.+', ['', 'a', '\n'], [1, 2]],
    ['foo', ['foo', 'fo', 'o', 'xfoox'], [0, 3]],
    ['a|b|c|d', ['xa', 'x', 'c'], [0, 2]],
    ['a|b|c|d|e|f', ['xa', 'x', 'f'], [0, 2]],
    ['(?i)mozilla|CURL', ['Mozilla', 'curl/8', 'wget'], [0, 1]],
    ['(?i)ask', ['ASK', 'aſk', 'as\u212a', 'as'], [0, 1, 2]],
    ['^tab\tsep', ['tab\tseparated', 'x tab\tsep'], [0]],
    ['(?s)multi.line.entry', ['multi\nline\nentry'], [0]],
    ['multi.line', ['multi\nline\nentry'], []],
    ['(?m)^line$', ['multi\nline\nentry', 'lines'], [0]],
    ['level=error.*duration=[0-9]+ms', ['level=error x duration=5ms', 'level=error ms duration='], [0]],
    ['\\p{Han}+', ['日本語', 'abc'], [0]],
    ['[^ -~]', ['abc', 'é', '\u001b'], [1, 2]],
    ['\\bword|quote\\b', ['two words', 'sword', 'quote "'], [0, 2]],
  ])('%s', (pattern, lines, rows) => {
    expect(run(compileLineMatcher(pattern), text(...lines))).toEqual(rows);
  });

  it('reads lines in shared memory', () => {
    const shared = Buffer.from(new SharedArrayBuffer(6));
    shared.write('xASKab');
    const keep = new Int32Array(2);
    expect(compileLineMatcher('(?i)ask').match(Int32Array.of(0, 4, 6), shared, null, 2, keep)).toBe(1);
  });

  it('refuses an invalid pattern in the words of Go', () => {
    expect(() => compileLineMatcher('a(')).toThrow('error parsing regexp: missing closing ): `a(`');
  });
});

describe('compileStringMatcher', () => {
  const stream: MatchOptions = { mode: 'full', dotAll: true };

  it.each<[string, string, boolean]>([
    ['foo.*', 'foobar', true],
    ['foo.*', 'a foo', false],
    ['foo.*', 'foo\nbar', true],
    ['foo|bar', 'bar', true],
    ['foo|bar', 'barn', false],
    ['(?i)FOO', 'fOo', true],
    ['(?i)i', 'İ', false],
    ['(?i).*sk.*', 'aſK!', true],
    ['10[0-2].', '1012', true],
    ['10[0-2].', '10123', false],
    ['.+', '', false],
  ])('%s on %j answers %s', (pattern, value, answer) => {
    expect(compileStringMatcher(pattern, stream)(value)).toBe(answer);
  });

  it('keeps the dot of a label filter from passing a newline', () => {
    expect(compileStringMatcher('foo.*', { mode: 'full' })('foo\nbar')).toBe(false);
  });
});

it('answers as re2js does on lines, on columns and on strings', () => {
  const modes: MatchOptions[] = [{ mode: 'search' }, { mode: 'full' }, { mode: 'full', dotAll: true }];
  fc.assert(
    fc.property(anyPattern(), fc.constantFrom(...modes), anyLines(anyLine(), 8), (pattern, options, input) => {
      const re = compileRe2(options.dotAll === true ? `(?s)${pattern}` : pattern);
      const { kind } = simplifyRegex(pattern, options);
      const isQuirk = kind === 'all' || kind === 'non-empty'; // newlines pass, as in Loki
      const expected = (line: Buffer): boolean => (options.mode === 'full' ? re.testExact(line) : re.test(line));
      if (isQuirk && input.bytes.includes('\n')) return;
      expect(run(compileMatcher(pattern, options), input)).toEqual(rowsWhere(input, expected));
      const accepts = compileStringMatcher(pattern, options);
      for (const line of input.lines) {
        const value = line.toString();
        expect(accepts(value)).toBe(expected(Buffer.from(value)));
      }
    }),
    { numRuns: 3000 },
  );
});
