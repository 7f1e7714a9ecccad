import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLine, anyPattern } from '../../../test/arbitrary/regex.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { compileRe2 } from '../../planning/regex/syntax.js';
import { Dfa } from './dfa.js';
import { compileProgram } from './program.js';

function dfaOf(pattern: string, mode: 'search' | 'full', dotAll = false): Dfa | null {
  const program = compileProgram(parseRegex(pattern, { dotAll }), { captures: false, toEnd: mode === 'full' });
  return program === null ? null : new Dfa(program, mode === 'search');
}

const test = (pattern: string, text: string, mode: 'search' | 'full' = 'search'): boolean | null => {
  const bytes = Buffer.from(`<${text}>`);
  return dfaOf(pattern, mode)!.test(bytes, 1, bytes.length - 1);
};

describe('Dfa', () => {
  it.each<[string, string, boolean]>([
    ['a+b', 'xaab', true],
    ['a+b', 'xaac', false],
    ['^b', 'ab', false],
    ['^ab$', 'ab', true],
    ['b$', 'ba', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['\\bfoo\\b', 'a foo.', true],
    ['\\bfoo\\b', 'a food', false],
    ['\\Boo', 'foo', true],
    ['a.b', 'a\nb', false],
    ['(?s)a.b', 'a\nb', true],
    ['a.c', 'a€c', true],
    ['[^a]', '€', true],
    ['(?i)strasse 1€', 'STRASSE 1€', true],
    ['(?i)k', '\u212a', true],
  ])('%s on %j answers %s', (pattern, text, answer) => {
    expect(test(pattern, text)).toBe(answer);
  });

  it('reads invalid bytes as U+FFFD, one by one', () => {
    const dfa = dfaOf('^\\x{FFFD}{2}$', 'search')!;
    expect(dfa.test(Buffer.from([0xe2, 0x82]), 0, 2)).toBe(true);
    expect(dfa.test(Buffer.from([0xe2]), 0, 1)).toBe(false);
  });

  it('does not see bytes beyond its line', () => {
    const bytes = Buffer.from('xab€');
    expect(dfaOf('ab', 'search')!.test(bytes, 0, 2)).toBe(false);
    expect(dfaOf('€', 'search')!.test(bytes, 3, 5)).toBe(false);
  });

  it.each(['(a+)+b', '(a{1,10}){1,10}b', '(a*)*b', '(a|aa)+$', '.*zzq[0-9]+.*', '(x+x+)+y'])(
    'needs few states for %s, however long the line',
    (pattern) => {
      const dfa = dfaOf(pattern, 'search')!;
      const line = Buffer.from('a'.repeat(200_000));
      expect(dfa.test(line, 0, line.length)).toBe(pattern.includes('$'));
      expect(dfa.size).toBeLessThan(200);
    },
  );

  it('gives up where the automaton explodes and the text is no help', () => {
    const dfa = dfaOf('(a|b)*a(a|b){14}c', 'search')!;
    let seed = 1;
    const random = Buffer.alloc(60_000);
    for (let i = 0; i < random.length; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      random[i] = seed & 0x10000 ? 0x61 : 0x62;
    }
    expect(dfa.test(random, 0, random.length)).toBeNull();
    expect(dfa.test(Buffer.from('a'), 0, 1)).toBeNull();
  });

  it('starts over with an empty cache while it is worth it', () => {
    const dfa = dfaOf('(a|b)*a(a|b){14}c', 'search')!;
    const words = Array.from({ length: 20_000 }, (_, i) => i.toString(2).replace(/0/g, 'a').replace(/1/g, 'b'));
    const text = Buffer.from(words.join('x'.repeat(200)));
    expect(dfa.test(text, 0, text.length)).toBe(false);
    const hit = Buffer.from(`a${'b'.repeat(14)}c`);
    expect(dfa.test(hit, 0, hit.length)).toBe(true);
  });
});

it('answers as re2js does', () => {
  const modes = [
    { mode: 'search', dotAll: false },
    { mode: 'full', dotAll: false },
    { mode: 'full', dotAll: true },
  ] as const;
  fc.assert(
    fc.property(
      anyPattern(),
      fc.constantFrom(...modes),
      fc.array(anyLine(), { maxLength: 5 }),
      (pattern, how, lines) => {
        const dfa = dfaOf(pattern, how.mode, how.dotAll);
        if (dfa === null) return;
        const re = compileRe2(how.dotAll ? `(?s:${pattern})` : pattern);
        for (const line of lines) {
          expect(dfa.test(line, 0, line.length)).toBe(how.mode === 'full' ? re.testExact(line) : re.test(line));
        }
      },
    ),
    { numRuns: 3000 },
  );
});
