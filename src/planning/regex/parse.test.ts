import { describe, expect, it } from 'vitest';
import type { Regex } from './ast.js';
import { parseRegex } from './parse.js';

const text = (value: string, ignoreCase = false): Regex => ({ kind: 'literal', text: value, ignoreCase });
const repeat = (inner: Regex, min: number, max: number, greedy = true): Regex => ({
  kind: 'repeat',
  inner,
  min,
  max,
  greedy,
});
const set = (...ranges: number[]): Regex => ({ kind: 'class', ranges });

describe('parseRegex', () => {
  it.each<[string, Regex]>([
    ['', { kind: 'empty' }],
    ['abc', text('abc')],
    ['a(?:b)c', text('abc')],
    ['(?i)aB1(?-i)c', { kind: 'concat', parts: [text('ab1', true), text('c')] }],
    ['a(?i)1', text('a1')],
    ['ab*', { kind: 'concat', parts: [text('a'), repeat(text('b'), 0, Infinity)] }],
    ['a+?', repeat(text('a'), 1, Infinity, false)],
    ['(?U)a+', repeat(text('a'), 1, Infinity, false)],
    ['(?U)a+?', repeat(text('a'), 1, Infinity)],
    ['a{2}', repeat(text('a'), 2, 2)],
    ['a{2,}', repeat(text('a'), 2, Infinity)],
    ['a{2,5}', repeat(text('a'), 2, 5)],
    ['a{,5}', text('a{,5}')],
    ['a{02}', text('a{02}')],
    ['\\Qa+\\E+', { kind: 'concat', parts: [text('a'), repeat(text('+'), 1, Infinity)] }],
    ['.', { kind: 'any', newline: false }],
    ['(?s).', { kind: 'any', newline: true }],
    ['[^\\n]', { kind: 'any', newline: false }],
    ['[\\s\\S]', { kind: 'any', newline: true }],
    [
      '^\\A',
      {
        kind: 'concat',
        parts: [
          { kind: 'assert', at: 'text-start' },
          { kind: 'assert', at: 'text-start' },
        ],
      },
    ],
    ['(?m)$', { kind: 'assert', at: 'line-end' }],
    ['\\z', { kind: 'assert', at: 'text-end' }],
    ['[a]', text('a')],
    ['[c-ea-b]', set(97, 101)],
    ['[]a-]', set(45, 45, 93, 93, 97, 97)],
    ['[^a]', set(0, 96, 98, 0x10ffff)],
    ['[[:digit:]x]', set(48, 57, 120, 120)],
    ['(?i)k', text('k', true)],
    ['(?i)[k]', set(75, 75, 107, 107, 0x212a, 0x212a)],
    ['\\x41\\x{e9}\\101\\n', text('AéA\n')],
    ['\\pL', { kind: 'opaque' }],
    ['\\p{Greek}', { kind: 'opaque' }],
    ['[a\\pL]', { kind: 'opaque' }],
    ['(?i)é', { kind: 'opaque' }],
    ['(?i)错', text('错')],
    ['\\x{FFFD}', set(0xfffd, 0xfffd)],
    ['a|b|', { kind: 'alternate', options: [text('a'), text('b'), { kind: 'empty' }] }],
    [
      '(?P<n>a)(b)',
      {
        kind: 'concat',
        parts: [
          { kind: 'capture', inner: text('a'), group: 1, name: 'n' },
          { kind: 'capture', inner: text('b'), group: 2, name: '' },
        ],
      },
    ],
  ])('reads %s', (pattern, node) => {
    expect(parseRegex(pattern)).toEqual(node);
  });

  it('survives as many brackets as are allowed', () => {
    expect(parseRegex(`${'(?:'.repeat(1000)}a${')'.repeat(1000)}`)).toEqual(text('a'));
  });

  it('refuses what Go refuses', () => {
    expect(() => parseRegex('a**')).toThrow('error parsing regexp: invalid nested repetition operator: `**`');
  });
});
