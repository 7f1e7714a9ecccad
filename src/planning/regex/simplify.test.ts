import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLine, anyPattern } from '../../../test/arbitrary/regex.js';
import { type LiteralTest, type MatchOptions, simplifyRegex, type TextTest } from './simplify.js';
import { compileRe2 } from './syntax.js';

const search = (pattern: string): TextTest => simplifyRegex(pattern, { mode: 'search' });
const full = (pattern: string): TextTest => simplifyRegex(pattern, { mode: 'full', dotAll: true });
const literal = (kind: LiteralTest['kind'], text: string, ignoreCase = false): LiteralTest => ({
  kind,
  literal: text,
  ignoreCase,
});

describe('a line filter', () => {
  it.each<[string, TextTest]>([
    ['', { kind: 'all' }],
    ['.*', { kind: 'all' }],
    ['(.*)', { kind: 'all' }],
    ['a*', { kind: 'all' }],
    ['foo|', { kind: 'all' }],
    ['.+', { kind: 'non-empty' }],
    ['foo', literal('contains', 'foo')],
    ['.*foo.*', literal('contains', 'foo')],
    ['.*(?P<x>foo).*?', literal('contains', 'foo')],
    ['(?i)Foo', literal('contains', 'foo', true)],
    ['(?i)2026-01', literal('contains', '2026-01')],
    ['(?i)code 1', literal('contains', 'code 1', true)],
    ['fo\\.o\\d*', literal('contains', 'fo.o')],
    ['\\Qa.b\\E', literal('contains', 'a.b')],
    ['^foo', literal('prefix', 'foo')],
    ['^foo.*', literal('prefix', 'foo')],
    ['foo$', literal('suffix', 'foo')],
    ['^foo$', literal('equals', 'foo')],
    ['^$', literal('equals', '')],
    ['[^\\x00-\\x{10FFFF}]', { kind: 'none' }],
  ])('%s becomes a test on bytes', (pattern, test) => {
    expect(search(pattern)).toEqual(test);
  });

  it.each<[string, string[]]>([
    ['foo|bar', ['foo', 'bar']],
    ['.*(foo|bar).*', ['foo', 'bar']],
    ['(foo.*|.*bar)', ['foo', 'bar']],
    ['level=(warn|error)', ['level=warn', 'level=error']],
    ['[Ee]rror', ['Error', 'error']],
    ['colou?r', ['color', 'colour']],
    ['foo|foo', ['foo']],
  ])('%s looks for any of several literals', (pattern, literals) => {
    const test = search(pattern);
    const found = test.kind === 'any-of' ? test.alternatives : [test];
    expect(found).toEqual(literals.map((text) => literal('contains', text)));
  });

  it.each<[string, string[]]>([
    ['level=error.*duration=[0-9]+ms', ['level=error', 'duration=', 'ms']],
    ['(foo)(bar)\\d', ['foobar']],
    ['(?:ab)+\\d', ['ab']],
    ['^.*foo.*$', ['foo']],
    ['foo\\dfoobar', ['foobar']],
    ['(foo\\d|foo\\s)', ['foo']],
    ['\\d+\\.\\d+', ['.']],
    ['(?i)foo\\d+', []],
    ['a?\\d\\d', []],
    ['foo\\x{FFFD}\\d', ['foo']],
  ])('%s remains, and needs %j', (pattern, required) => {
    expect(search(pattern)).toEqual({ kind: 'regex', pattern, required });
  });
});

describe('a stream matcher', () => {
  it.each<[string, TextTest]>([
    ['.*', { kind: 'all' }],
    ['.+', { kind: 'non-empty' }],
    ['foo', literal('equals', 'foo')],
    ['foo.*', literal('prefix', 'foo')],
    ['.*foo', literal('suffix', 'foo')],
    ['.*foo.*', literal('contains', 'foo')],
    ['(?i)Foo', literal('equals', 'foo', true)],
    ['a|b.*', { kind: 'any-of', alternatives: [literal('equals', 'a'), literal('prefix', 'b')] }],
    ['pod-[12]', { kind: 'any-of', alternatives: [literal('equals', 'pod-1'), literal('equals', 'pod-2')] }],
    ['', literal('equals', '')],
  ])('%s is anchored at both ends', (pattern, test) => {
    expect(full(pattern)).toEqual(test);
  });

  it('does not let the dot of a label filter pass a newline', () => {
    expect(simplifyRegex('foo.*', { mode: 'full' })).toEqual({ kind: 'regex', pattern: 'foo.*', required: ['foo'] });
  });

  it('keeps wide alternations of literals', () => {
    const names = Array.from({ length: 500 }, (_, i) => `pod-${i}`);
    expect(full(names.join('|'))).toEqual({
      kind: 'any-of',
      alternatives: names.map((name) => literal('equals', name)),
    });
  });

  it('leaves what would explode to the automaton', () => {
    expect(full('[ab]{40}').kind).toBe('regex');
    expect(full('(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)').kind).toBe('regex');
  });
});

it('refuses an invalid pattern in the words of Go', () => {
  expect(() => search('a(')).toThrow('error parsing regexp: missing closing ): `a(`');
});

it('answers as the regular expression does', () => {
  const modes: MatchOptions[] = [{ mode: 'search' }, { mode: 'full' }, { mode: 'full', dotAll: true }];
  fc.assert(
    fc.property(
      anyPattern(),
      fc.constantFrom(...modes),
      fc.array(anyLine(), { maxLength: 5 }),
      (pattern, mode, lines) => {
        const test = simplifyRegex(pattern, mode);
        const re = compileRe2(mode.dotAll === true ? `(?s:${pattern})` : pattern);
        for (const line of lines) {
          const expected = mode.mode === 'full' ? re.testExact(line) : re.test(line);
          if (test.kind === 'regex') {
            if (expected) for (const text of test.required) expect(line.includes(text)).toBe(true);
          } else if (!isQuirk(test, line)) expect(accepts(test, line)).toBe(expected);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

/** `.*` and `.+` alone let newlines pass in Loki. */
function isQuirk(test: TextTest, line: Buffer): boolean {
  return (test.kind === 'all' || test.kind === 'non-empty') && line.includes('\n');
}

function accepts(test: TextTest, line: Buffer): boolean {
  switch (test.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'non-empty':
      return line.length > 0;
    case 'any-of':
      return test.alternatives.some((alternative) => accepts(alternative, line));
    case 'regex':
      throw new Error('not a simple test');
    default:
      return acceptsLiteral(test, line);
  }
}

function acceptsLiteral(test: LiteralTest, line: Buffer): boolean {
  const text = test.ignoreCase ? foldAscii(line) : line.toString('latin1');
  const word = Buffer.from(test.literal).toString('latin1');
  switch (test.kind) {
    case 'contains':
      return text.includes(word);
    case 'prefix':
      return text.startsWith(word);
    case 'suffix':
      return text.endsWith(word);
    case 'equals':
      return text === word;
  }
}

function foldAscii(line: Buffer): string {
  const folded = line
    .toString('latin1')
    .replace(/\xc5\xbf/g, 's')
    .replace(/\xe2\x84\xaa/g, 'k');
  return folded.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
