import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLines, type Lines, layOut, rowsWhere } from '../../../test/arbitrary/lines.js';
import { containsRows, containsRowsIgnoreCase } from './find-substring.js';

type Kernel = typeof containsRows;

function run(kernel: Kernel, input: Lines, needle: Buffer): number[] {
  const keep = new Int32Array(input.count);
  return [...keep.subarray(0, kernel(input.offsets, input.bytes, needle, input.rows, input.count, keep))];
}

const text = (lines: string[], rows: number[] | null = null): Lines =>
  layOut(
    lines.map((line) => Buffer.from(line)),
    rows,
  );

describe('containsRows', () => {
  it('finds rows across empty ones', () => {
    expect(run(containsRows, text(['', 'xab', '', '', 'ab', 'b', '']), Buffer.from('ab'))).toEqual([1, 4]);
  });

  it('does not count a hit that crosses the end of a row', () => {
    expect(run(containsRows, text(['xa', 'bx', 'ab']), Buffer.from('ab'))).toEqual([2]);
    expect(run(containsRows, text(['a', 'b', 'c']), Buffer.from('abc'))).toEqual([]);
  });

  it('skips hits in rows outside the selection', () => {
    expect(run(containsRows, text(['ab', 'ab', 'xx', 'ab'], [1, 2, 3]), Buffer.from('ab'))).toEqual([1, 3]);
  });

  it('searches row by row when the selection is sparse', () => {
    const lines = Array.from({ length: 50 }, (_, i) => (i % 20 === 0 ? 'needle' : 'x'.repeat(5000)));
    expect(run(containsRows, text(lines, [0, 1, 20, 49]), Buffer.from('needle'))).toEqual([0, 20]);
  });

  it('keeps every row for the empty needle', () => {
    expect(run(containsRows, text(['', 'a', '']), Buffer.from(''))).toEqual([0, 1, 2]);
    expect(run(containsRows, text(['', 'a', ''], [2]), Buffer.from(''))).toEqual([2]);
  });

  it('may write its answer over the selection', () => {
    const input = text(['ab', 'x', 'ab', 'ab'], [0, 1, 2, 3]);
    const kept = containsRows(input.offsets, input.bytes, Buffer.from('ab'), input.rows, 4, input.rows!);
    expect([...input.rows!.subarray(0, kept)]).toEqual([0, 2, 3]);
  });
});

describe('containsRowsIgnoreCase', () => {
  it('takes ASCII letters as alike and nothing else', () => {
    const input = text(['ERROR 1', 'Error 1', 'error!1', 'ErRoR 10', '[rror 1', 'ÉRROR 1']);
    expect(run(containsRowsIgnoreCase, input, Buffer.from('error 1'))).toEqual([0, 1, 3]);
  });

  it('does not take @ for ` or [ for {', () => {
    expect(run(containsRowsIgnoreCase, text(['a@b', 'a`b', 'a[b', 'a{b']), Buffer.from('a`b'))).toEqual([1]);
  });
});

const alphabet = fc.constantFrom(...'aabAB\n', 'é');
const line = fc.array(alphabet, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
const needle = fc.array(alphabet, { maxLength: 4 }).map((parts) => Buffer.from(parts.join('')));

it('agrees with searching each line alone', () => {
  fc.assert(
    fc.property(anyLines(line), needle, (input, word) => {
      expect(run(containsRows, input, word)).toEqual(rowsWhere(input, (bytes) => bytes.includes(word)));
      const folded = Buffer.from(fold(word), 'latin1');
      expect(run(containsRowsIgnoreCase, input, folded)).toEqual(
        rowsWhere(input, (bytes) => fold(bytes).includes(fold(folded))),
      );
    }),
    { numRuns: 2000 },
  );
});

function fold(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
