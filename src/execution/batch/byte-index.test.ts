import { describe, expect, test } from 'vitest';
import { ByteIndex } from './byte-index.js';

describe('an index of bytes', () => {
  test('numbers texts by first occurrence and gives them back, however many', () => {
    const index = new ByteIndex();
    const texts = Array.from({ length: 3000 }, (_, i) => `${'é'.repeat(i % 90)}${i}`);
    const numbersOf = () =>
      texts.map((text) => {
        const bytes = Buffer.from(`<${text}>`);
        return index.number(bytes, 1, bytes.length - 1);
      });
    expect(numbersOf()).toEqual([...texts.keys()]);
    expect(numbersOf()).toEqual([...texts.keys()]);
    expect(texts.map((_, i) => index.text(i))).toEqual(texts);
    expect(index.bytes).toBe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  });

  test('knows the empty text', () => {
    const index = new ByteIndex();
    expect([
      index.number(Buffer.from('ab'), 1, 1),
      index.number(Buffer.from('ab'), 0, 2),
      index.number(Buffer.of(), 0, 0),
    ]).toEqual([0, 1, 0]);
  });
});
