import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { putShape } from './shape.js';
import { ShapeTable } from './shape-table.js';

function shapeOf(line: string): string {
  const source = Buffer.from(`<${line}>`);
  const out = Buffer.alloc(source.length + 2, 0x2a);
  const end = putShape(source, 1, source.length - 1, out, 2);
  expect(out.subarray(0, 2).toString()).toBe('**');
  return out.toString('utf8', 2, end);
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

  test('is that of the shape itself when made again, but for words of one mark', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ a-z0-9.-]{0,40}$/), (line) => {
        const shape = shapeOf(line);
        expect(shapeOf(shape)).toBe(shape.replace(/1/g, '0'));
        expect(shape.length).toBeLessThanOrEqual(line.length);
      }),
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
        const { ids, bytes, starts, lengths, count } = tableOf(lines);
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
    expect(many.rows).toBeLessThan(9000);
    expect(tableOf([], 0).worthwhile).toBe(false);
  });
});
