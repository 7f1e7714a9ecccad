import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLines, type Lines, layOut, rowsWhere } from '../../../test/arbitrary/lines.js';
import type { LineMatcher } from './line-matcher.js';
import { ConstantMatcher, PredicateMatcher } from './line-matcher.js';
import { EndsMatcher, NonEmptyMatcher } from './match-ends.js';

function run(matcher: LineMatcher, input: Lines): number[] {
  const keep = new Int32Array(input.count);
  return [...keep.subarray(0, matcher.match(input.offsets, input.bytes, input.rows, input.count, keep))];
}

const lines = layOut(
  ['ab', '', 'xab', 'AB', 'abx', 'a'].map((line) => Buffer.from(line)),
  null,
);

describe('EndsMatcher', () => {
  it.each([
    ['prefix', [0, 4]],
    ['suffix', [0, 2]],
    ['equals', [0]],
  ] as const)('tests a %s', (kind, rows) => {
    expect(run(new EndsMatcher(kind, Buffer.from('ab')), lines)).toEqual(rows);
  });

  it('finds empty rows by equality with nothing', () => {
    expect(run(new EndsMatcher('equals', Buffer.from('')), lines)).toEqual([1]);
  });

  it('agrees with string methods', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    fc.assert(
      fc.property(anyLines(word.map((text) => Buffer.from(text))), word, (input, text) => {
        const of = (kind: 'prefix' | 'suffix' | 'equals'): number[] =>
          run(new EndsMatcher(kind, Buffer.from(text)), input);
        expect(of('prefix')).toEqual(rowsWhere(input, (line) => line.toString().startsWith(text)));
        expect(of('suffix')).toEqual(rowsWhere(input, (line) => line.toString().endsWith(text)));
        expect(of('equals')).toEqual(rowsWhere(input, (line) => line.toString() === text));
      }),
    );
  });
});

it('keeps rows with at least one byte', () => {
  expect(run(new NonEmptyMatcher(), lines)).toEqual([0, 2, 3, 4, 5]);
});

it('keeps all selected rows, or none', () => {
  const some = layOut(lines.lines, [1, 4]);
  expect(run(new ConstantMatcher(true), some)).toEqual([1, 4]);
  expect(run(new ConstantMatcher(false), some)).toEqual([]);
});

it('asks a predicate about each selected row', () => {
  const some = layOut(lines.lines, [0, 2, 3]);
  expect(run(new PredicateMatcher((bytes, start, end) => bytes.latin1Slice(start, end) === 'xab'), some)).toEqual([2]);
});
