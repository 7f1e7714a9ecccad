import { describe, expect, it } from 'vitest';
import { type PatternNode, parseLinePattern, parsePattern } from './pattern.js';

const text = (value: string): PatternNode => ({ kind: 'literal', text: value });
const capture = (name: string): PatternNode => ({ kind: 'capture', name });

describe('parsePattern', () => {
  it.each<[string, PatternNode[]]>([
    ['<ip> - <_>', [capture('ip'), text(' - '), capture('')]],
    ['[<a1>]<b', [text('['), capture('a1'), text(']<b')]],
    ['<1a> <a-b> <x>', [text('<1a> <a-b> '), capture('x')]],
    ['<<x>>', [text('<'), capture('x'), text('>')]],
  ])('splits %s into text and captures', (pattern, nodes) => {
    expect(parsePattern(pattern)).toEqual(nodes);
  });

  it.each([
    ['', 'parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or LITERAL'],
    ['foo', 'at least one capture is required'],
    ['<_> foo', 'at least one capture is required'],
    ['<f><f>', "found consecutive capture '<f><f>': invalid expression"],
    ['<f>f<d><_>', "found consecutive capture '<d><_>': invalid expression"],
    ['<f> f<f>', 'duplicate capture name (f): invalid expression'],
  ])('refuses %j', (pattern, message) => {
    expect(() => parsePattern(pattern)).toThrow(new Error(message));
  });
});

describe('parseLinePattern', () => {
  it('needs no capture, nor any text', () => {
    expect(parseLinePattern('foo <_>')).toEqual([text('foo '), capture('')]);
    expect(parseLinePattern('foo')).toEqual([text('foo')]);
    expect(parseLinePattern('')).toEqual([]);
  });

  it.each([
    ['<foo <foo> bar <_>', "named captures are not allowed: found '<foo>'"],
    ['<_><_>', "found consecutive capture '<_><_>': invalid expression"],
  ])('refuses %j', (pattern, message) => {
    expect(() => parseLinePattern(pattern)).toThrow(new Error(message));
  });
});
