import { describe, expect, it } from 'vitest';
import { compare } from '../../../test/support/log-rows.js';
import { type CompareOp, MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import type { Shapes } from '../../storage/dataobj/types.js';
import { compileJudge } from './judge.js';

function shapesOf(...texts: string[]): Shapes {
  const bytes = Buffer.from(texts.join(''));
  const ends = Int32Array.from(texts, (_, i) => Buffer.byteLength(texts.slice(0, i + 1).join('')));
  return { count: texts.length, starts: Int32Array.of(0, ...ends.subarray(0, -1)), ends, bytes };
}

const line = (op: CompareOp, value: string): Predicate => ({
  kind: 'compare',
  op,
  column: MESSAGE,
  literal: { kind: 'literal', type: 'string', value },
});

const SHAPES = shapesOf('level=error code=0', 'level=info code=0', 'Error in é');

function verdicts(...predicates: Predicate[]): string | undefined {
  const judge = compileJudge(predicates);
  return judge && [...judge(SHAPES)].map((verdict) => ['no', 'open', 'yes'][verdict]).join(' ');
}

describe('judging shapes', () => {
  const error = line('MATCH_STR', 'error');
  const code7 = line('MATCH_STR', 'code=7');
  const label = compare('app', 'EQ', 'a');

  it.each<[string, Predicate[], string]>([
    ['a substring', [error], 'yes no no'],
    ['a substring in any case', [line('MATCH_STR_CASE_INSENSITIVE', 'ERROR')], 'yes no yes'],
    ['its absence', [line('NOT_MATCH_STR', 'error')], 'no yes yes'],
    ['a number', [code7], 'open open no'],
    ['the absence of a number', [line('NOT_MATCH_STR', 'code=7')], 'open open yes'],
    ['an expression', [line('MATCH_RE', '^level.*\\d$')], 'yes yes no'],
    ['words', [line('MATCH_RE', '(?i)^error|info')], 'no yes yes'],
    ['no words', [line('NOT_MATCH_RE', '(?i)^error|info')], 'yes no no'],
    ['what is not ASCII', [line('MATCH_STR', 'é')], 'no no yes'],
    ['both of two', [error, code7], 'open no no'],
    ['one of two', [{ kind: 'or', left: error, right: code7 }], 'yes open no'],
    ['not both of two', [{ kind: 'not', inner: { kind: 'and', left: error, right: code7 } }], 'open yes yes'],
    ['text or a label', [{ kind: 'or', left: error, right: label }], 'yes open open'],
    ['text and a label', [{ kind: 'and', left: error, right: label }], 'open no no'],
    ['text and an address', [error, line('MATCH_IP', '10.0.0.0/8')], 'open no no'],
    ['an address and text', [line('MATCH_IP', '10.0.0.0/8'), error], 'open no no'],
    ['text and a line', [error, line('NEQ', 'x')], 'open no no'],
  ])('tells %s', (_, predicates, expected) => {
    expect(verdicts(...predicates)).toBe(expected);
  });

  it('has nothing to say of conditions that are not about text, or that code points cannot tell', () => {
    expect(verdicts(label)).toBeUndefined();
    expect(verdicts(line('EQ', 'level=error code=0'))).toBeUndefined();
    expect(verdicts(line('MATCH_STR', 'a\ufffd'))).toBeUndefined();
    expect(verdicts(line('MATCH_RE', '\\p{Greek}'))).toBeUndefined();
  });
});
