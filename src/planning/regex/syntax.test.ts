import { describe, expect, it } from 'vitest';
import { checkRegex, compileRe2, matchesEmpty, namedGroups } from './syntax.js';

describe('checkRegex', () => {
  it.each([
    '',
    'a(?i)b',
    '(?P<a>x)(?<b>y)',
    '(?P<a>x)(?P<a>y)',
    '\\pN\\PN[[:alpha:]]\\Qa.b\\E\\z',
    '[]a]',
    '[^]a]',
    'x{1000}',
    'x{,5}',
    'a{2}{',
    '(?sU-m:a.b)',
    '\\x{10FFFF}',
  ])('accepts %s as Go does', (pattern) => {
    expect(checkRegex(pattern)).toBeNull();
  });

  it.each([
    ['(', 'missing closing ): `(`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(a{100}){100}', 'invalid repeat count: `{100}`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['\\8', 'invalid escape sequence: `\\8`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(?P<n', 'invalid named capture: `(?P<n`'],
    ['(?P<x y>a)', 'invalid named capture: `(?P<x y>`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['\\p{Klingon}', 'invalid character class range: `\\p{Klingon}`'],
  ])('refuses %s in the words of Go', (pattern, text) => {
    expect(checkRegex(pattern)).toBe(`error parsing regexp: ${text}`);
  });

  it('bounds the length and the nesting', () => {
    expect(checkRegex('a'.repeat(131_073))).toContain('expression too large');
    expect(checkRegex(`${'('.repeat(2000)}${')'.repeat(2000)}`)).toContain('expression nests too deeply');
    expect(checkRegex(`${'(?:'.repeat(1001)}a${')'.repeat(1001)}`)).toContain('expression nests too deeply');
    expect(checkRegex(`${'(?:a)\\([(]'.repeat(2000)}`)).toBeNull();
  });
});

describe('namedGroups', () => {
  it('lists names in order with the empty name for unnamed groups', () => {
    expect(namedGroups('(?P<a>x)(y(?:z))(?<b>[(](?i:q))\\((\\Q(\\E)')).toEqual(['a', '', 'b', '']);
  });

  it('keeps names that Go lets several groups share', () => {
    expect(namedGroups('(?P<a>x)|(?P<a>y)')).toEqual(['a', 'a']);
    expect(compileRe2('(?P<a>x)|(?P<a>y)').test('y')).toBe(true);
  });
});

describe('matchesEmpty', () => {
  it.each(['', '.*', 'a?', '(a|)', '^$', 'a*b*', '(?i)x*'])('%s matches nothing at all', (pattern) => {
    expect(matchesEmpty(pattern)).toBe(true);
  });

  it.each(['.+', 'a', '.', 'a|b', '\\b'])('%s needs some text', (pattern) => {
    expect(matchesEmpty(pattern)).toBe(false);
  });

  it('names the fault of an invalid pattern', () => {
    expect(() => matchesEmpty('(')).toThrow('error parsing regexp: missing closing ): `(`');
  });
});

it('says the same of a pattern whenever and behind whatever it is asked', () => {
  const asked = Array.from({ length: 1200 }, (_, i) => (i % 3 === 0 ? `(x${i}` : `x{${i}}`));
  const first = asked.map(checkRegex);
  expect(asked.map(checkRegex)).toEqual(first);
  expect(checkRegex('(x0')).toBe('error parsing regexp: missing closing ): `(x0`');
  expect(checkRegex('x{1001}')).not.toBeNull();
  expect(checkRegex('x{1}')).toBeNull();
  expect([1, 2].map(() => ['', 'a*', 'a+', 'a|'].map(matchesEmpty))).toEqual([
    [true, true, false, true],
    [true, true, false, true],
  ]);
  for (const _ of [1, 2]) expect(() => matchesEmpty('(')).toThrow('missing closing )');
});
