import { expect, it } from 'vitest';
import { AllOfMatcher, AnyOfMatcher, NotMatcher } from './combine.js';
import type { LineMatcher } from './line-matcher.js';
import { ByteFinder, SubstringMatcher } from './substring-matcher.js';

const bytes = Buffer.from('abacbcc');
const offsets = Int32Array.of(0, 2, 4, 6, 7); // ab ac bc c
const has = (text: string): LineMatcher => new SubstringMatcher(new ByteFinder(Buffer.from(text)));

function run(matcher: LineMatcher, rows: number[] | null = null): number[] {
  const keep = new Int32Array(4);
  const count = rows?.length ?? 4;
  return [...keep.subarray(0, matcher.match(offsets, bytes, rows && Int32Array.from(rows), count, keep))];
}

it('keeps the rows that all matchers keep', () => {
  expect(run(new AllOfMatcher([has('a'), has('c')]))).toEqual([1]);
  expect(run(new AllOfMatcher([has('a'), has('b')]), [1, 2])).toEqual([]);
});

it('keeps the rows that any matcher keeps, once and in order', () => {
  expect(run(new AnyOfMatcher([has('c'), has('b')]))).toEqual([0, 1, 2, 3]);
  expect(run(new AnyOfMatcher([has('a'), has('b')]), [1, 3])).toEqual([1]);
});

it('starts each batch afresh', () => {
  const matcher = new AnyOfMatcher([has('a'), has('zz')]);
  expect(run(matcher)).toEqual([0, 1]);
  expect(run(matcher, [2, 3])).toEqual([]);
});

it('keeps the rows that a matcher does not keep', () => {
  expect(run(new NotMatcher(has('a')))).toEqual([2, 3]);
  expect(run(new NotMatcher(has('c')), [0, 3])).toEqual([0]);
});
