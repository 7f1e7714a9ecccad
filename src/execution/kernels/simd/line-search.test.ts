import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../test/support/random.js';
import { factorsOperand, operandOf, searchLines, suitsSimd } from './line-search.js';
import { searchRows } from './search-rows.js';

/** Lines of few letters, so that needles occur, also across the ends of lines. */
function layOut(random: SeededRandom, count: number, letters: string) {
  const lines = Array.from({ length: count }, () =>
    Array.from({ length: random.below(60) }, () => letters[random.below(letters.length)]).join(''),
  );
  const offsets = new Int32Array(count + 1);
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + line.length;
  });
  return { lines, offsets, bytes: Buffer.from(lines.join('')) };
}

function rowsWith(lines: readonly string[], test: (line: string) => boolean): number[] {
  return lines.flatMap((line, row) => (test(line) ? [row] : []));
}

describe('a SIMD search', () => {
  it('finds the lines with a needle, whatever its length, and none where it crosses the end of a line', () => {
    const random = new SeededRandom(1, 100);
    for (let round = 0; round < 300; round++) {
      const { lines, offsets, bytes } = layOut(random, 1 + random.below(80), 'abAB ');
      const needle = Array.from({ length: 2 + (random.below(20) % 7) }, () => 'ab '[random.below(3)]).join('');
      const from = random.below(lines.length);
      const keep = new Int32Array(lines.length);
      for (const ignoreCase of [false, true]) {
        const operand = operandOf(Buffer.from(needle), ignoreCase)!;
        const kept = searchLines(operand, offsets, bytes, from, lines.length, keep);
        const expected = rowsWith(lines, (line) => (ignoreCase ? line.toLowerCase() : line).includes(needle));
        expect([...keep.subarray(0, kept)]).toEqual(expected.filter((row) => row >= from));
      }
    }
  });

  it('finds at least the lines with enough occurrences of a factor, and exactly these where sets are round', () => {
    const random = new SeededRandom(2, 100);
    const digits = new Set(Buffer.from('0123456789'));
    const factor = [digits, new Set(Buffer.from('.')), digits];
    for (let round = 0; round < 300; round++) {
      const { lines, offsets, bytes } = layOut(random, 1 + random.below(80), '12.x');
      const need = 1 + random.below(3);
      const keep = new Int32Array(lines.length);
      const kept = searchLines(factorsOperand([factor], need), offsets, bytes, 0, lines.length, keep);
      const found = [...keep.subarray(0, kept)];
      const inside = rowsWith(lines, (line) => [...line.matchAll(/(?=\d\.\d)/g)].length >= need);
      expect(inside.filter((row) => !found.includes(row))).toEqual([]);
      // A factor may reach into what lies behind, which behind the last line is anything.
      const behind = rowsWith(lines, () => true).filter((row) => {
        const text = bytes.toString('latin1', offsets[row]!, offsets[row + 1]! + 2);
        return [...text.matchAll(/(?=\d\.\d)/g)].length >= need;
      });
      expect(found.filter((row) => row + 1 < lines.length && !behind.includes(row))).toEqual([]);
    }
  });

  it('looks only at rows that are asked about, and leaves few and far ones to others', () => {
    const random = new SeededRandom(3, 100);
    const { lines, offsets, bytes } = layOut(random, 500, 'ab');
    const operand = operandOf(Buffer.from('aab'))!;
    const rows = Int32Array.from(rowsWith(lines, () => random.below(3) > 0));
    const expected = [...rows].filter((row) => lines[row]!.includes('aab'));
    const kept = searchRows(operand, offsets, bytes, rows, rows.length, rows)!;
    expect([...rows.subarray(0, kept)]).toEqual(expected);
    expect(searchRows(operand, offsets, bytes, Int32Array.of(3, 400), 2, new Int32Array(2))).toBe(null);
    expect(searchRows(operand, offsets, bytes, Int32Array.of(3), 1, new Int32Array(1))).toBe(null);
  });

  it('is for needles of some bytes, in text of some size', () => {
    expect([operandOf(Buffer.from('a')), operandOf(Buffer.alloc(1025))]).toEqual([undefined, undefined]);
    expect([suitsSimd(511), suitsSimd(512), suitsSimd(1 << 27)]).toEqual([false, true, false]);
  });

  it('grows its memory with the text, and needs nothing behind it', () => {
    const bytes = Buffer.alloc(5_000_000, 'x');
    bytes.write('needle', bytes.length - 6);
    const keep = new Int32Array(2);
    expect(searchLines(operandOf(Buffer.from('needle'))!, Int32Array.of(0, 100, bytes.length), bytes, 0, 2, keep)).toBe(
      1,
    );
    expect(keep[0]).toBe(1);
  });
});
