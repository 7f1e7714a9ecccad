import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapeOf as shapeBytes } from '../../../../test/support/shape.js';
import { ShapeTable } from './shape-table.js';

const shapeOf = (line: string): string => shapeBytes(Buffer.from(line)).toString();

/** What shape.ts says, in fewer words. */
function naiveShape(line: Buffer): Buffer {
  const marked = line.latin1Slice().replace(/[0-9A-Za-z]+/g, (word) => {
    if (/^[0-9a-f]+$/.test(word) && /[0-9]/.test(word) && /[a-f]/.test(word)) return '1';
    return word.replace(/[0-9]+/g, '0');
  });
  return Buffer.from(marked, 'latin1');
}

describe('a shape', () => {
  test.each([
    ['', ''],
    ['no numbers', 'no numbers'],
    ['took 1532 ms', 'took 0 ms'],
    ['10.0.17.3', '0.0.0.0'],
    ['user537 v2', 'user0 v0'],
    ['id=d5e07f1a', 'id=1'],
    ['7a', '1'],
    ['deadbeef', 'deadbeef'],
    ['0x7fA1', '0x0fA0'],
    ['69580b69-c5ad-4217-8acc-e807f83554aa', '1-1-0-1-1'],
    ['12é34 a_1', '0é0 a_0'],
    ['T12:34:56.789Z', 'T0:0:0.0Z'],
  ])('of %j is %j', (line, shape) => {
    expect(shapeOf(line)).toBe(shape);
  });

  test('is made of any bytes, however they lie', () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[ 0-9a-f]{0,20}$/),
      fc.stringMatching(/^[-g-zA-Z0-9]{0,9}$/),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.uint8Array({ maxLength: 9 }), (pieces, bytes) => {
        const line = Buffer.concat([Buffer.from(pieces.join('')), bytes]);
        expect(shapeBytes(line).equals(naiveShape(line))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a table of shapes', () => {
  function tableOf(lines: readonly string[], rowsPerShapeMin = 0): ShapeTable {
    const offsets = new Int32Array(lines.length + 1);
    lines.forEach((line, i) => {
      offsets[i + 1] = offsets[i]! + Buffer.byteLength(line);
    });
    const table = new ShapeTable(lines.length, rowsPerShapeMin);
    table.add(Buffer.from(`.${lines.join('')}`), 1, offsets);
    return table;
  }

  test('has each shape once and knows that of each row', () => {
    const line = fc.oneof(fc.stringMatching(/^[ab01 ]{0,6}$/), fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200 }), (raw) => {
        const lines = raw.map((text) => Buffer.from(text).toString());
        const { ids, known } = tableOf(lines);
        const { bytes, starts, lengths, count } = known;
        const texts = Array.from({ length: count }, (_, i) =>
          Buffer.from(bytes.subarray(starts[i], starts[i]! + lengths[i]!)).toString(),
        );
        expect(new Set(texts).size).toBe(count);
        expect(Array.from(ids, (id) => texts[id])).toEqual(lines.map(shapeOf));
      }),
    );
  });

  test('gives up when lines are too different, at once or in the end', () => {
    const words = (n: number): string[] =>
      Array.from({ length: n }, (_, i) => [...String(i)].map((digit) => 'ghijklmnop'[Number(digit)]).join(''));
    expect(tableOf([...words(3), ...words(3)], 2).worthwhile).toBe(true);
    expect(tableOf([...words(3), ...words(3)], 3).worthwhile).toBe(false);
    const many = tableOf(words(9000), 2);
    expect(many.worthwhile).toBe(false);
    many.add(Buffer.from('x'), 0, Int32Array.of(0, 1));
    expect(many.rows).toBe(9000);
    expect(tableOf([], 0).worthwhile).toBe(false);
  });

  test('takes many lines in parts, and gives up at one of a megabyte', () => {
    const long = Array.from({ length: 40 }, (_, i) => `${'x'.repeat(70_000)} ${i % 20 < 10 ? 'a' : i}`);
    const table = tableOf(long);
    expect([...table.ids]).toEqual(long.map((_, i) => (i % 20 < 10 ? 0 : 1)));
    expect(tableOf([...long, 'y'.repeat((1 << 20) + 1)]).worthwhile).toBe(false);
  });
});
