import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLines, type Lines, layOut, rowsWhere } from '../../../test/arbitrary/lines.js';
import { ByteFinder, SubstringMatcher } from './substring-matcher.js';

function run(
  { offsets, bytes, rows, count }: Lines,
  needle: Buffer,
  keep: Int32Array = new Int32Array(count),
): number[] {
  const matcher = new SubstringMatcher(new ByteFinder(needle));
  return [...keep.subarray(0, matcher.match(offsets, bytes, rows, count, keep))];
}

const text = (lines: string[], rows: number[] | null = null): Lines =>
  layOut(
    lines.map((line) => Buffer.from(line)),
    rows,
  );

describe('SubstringMatcher', () => {
  it('finds rows across empty ones', () => {
    expect(run(text(['', 'xab', '', '', 'ab', 'b', '']), Buffer.from('ab'))).toEqual([1, 4]);
  });

  it('does not count a hit that crosses the end of a row', () => {
    expect(run(text(['xa', 'bx', 'ab']), Buffer.from('ab'))).toEqual([2]);
    expect(run(text(['a', 'b', 'c']), Buffer.from('abc'))).toEqual([]);
  });

  it('skips hits in rows outside the selection', () => {
    expect(run(text(['ab', 'ab', 'xx', 'ab'], [1, 2, 3]), Buffer.from('ab'))).toEqual([1, 3]);
  });

  it('searches row by row when the selection is sparse', () => {
    const lines = Array.from({ length: 50 }, (_, i) => (i % 20 === 0 ? 'needle' : 'x'.repeat(5000)));
    expect(run(text(lines, [0, 1, 20, 49]), Buffer.from('needle'))).toEqual([0, 20]);
  });

  it('keeps every row for the empty needle', () => {
    expect(run(text(['', 'a', '']), Buffer.from(''))).toEqual([0, 1, 2]);
    expect(run(text(['', 'a', ''], [2]), Buffer.from(''))).toEqual([2]);
  });

  it('may write its answer over the selection', () => {
    const input = text(['ab', 'x', 'ab', 'ab'], [0, 1, 2, 3]);
    expect(run(input, Buffer.from('ab'), input.rows!)).toEqual([0, 2, 3]);
  });
});

const alphabet = fc.constantFrom(...'aabAB\n', 'é');
const line = fc.array(alphabet, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
const needle = fc.array(alphabet, { maxLength: 4 }).map((parts) => Buffer.from(parts.join('')));

it('agrees with searching each line alone', () => {
  fc.assert(
    fc.property(anyLines(line), needle, (input, word) => {
      expect(run(input, word)).toEqual(rowsWhere(input, (bytes) => bytes.includes(word)));
    }),
    { numRuns: 2000 },
  );
});
