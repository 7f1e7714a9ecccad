import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DICTIONARY_VALUES_MAX, Dictionary } from './dictionary.js';

const text = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constant(''));

/** The hash as the dictionary computes it, to find texts that share it. */
function hashOf(value: string): number {
  let hash = 0x811c9dc5 | 0;
  for (const byte of Buffer.from(value)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash ^ (hash >>> 15);
}

function collidingTexts(): [string, string] {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    const value = `value-${i}`;
    const hash = hashOf(value);
    const other = seen.get(hash);
    if (other !== undefined) return [other, value];
    seen.set(hash, value);
  }
}

describe('a dictionary', () => {
  test('numbers texts by first occurrence, as a map would, from bytes and from strings alike', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 300 }), (inputs) => {
        const dictionary = new Dictionary();
        const expected = new Map<string, number>();
        for (const [value, asBytes] of inputs) {
          const bytes = Buffer.from(`<${value}>`);
          const id = asBytes ? dictionary.intern(bytes, 1, bytes.length - 1) : dictionary.internText(value);
          if (!expected.has(value)) expected.set(value, expected.size);
          expect(id).toBe(expected.get(value));
        }
        expect(dictionary.values).toEqual([...expected.keys()]);
      }),
    );
  });

  test('keeps every id through growth of its table, its columns and its bytes', () => {
    const dictionary = new Dictionary();
    const values = Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(i % 40)}${i}`);
    const ids = values.map((value) => dictionary.internText(value));
    expect(ids).toEqual([...ids.keys()]);
    expect(values.map((value) => dictionary.internText(value))).toEqual(ids);
    expect(dictionary.values).toEqual(values);
  });

  test('tells texts of equal hash apart', () => {
    const [first, second] = collidingTexts();
    expect(hashOf(first)).toBe(hashOf(second));
    const dictionary = new Dictionary();
    expect([first, second, first, second].map((value) => dictionary.internText(value))).toEqual([0, 1, 0, 1]);
  });

  test('takes a text longer than all before it', () => {
    const dictionary = new Dictionary();
    const long = 'é'.repeat(100_000);
    expect([dictionary.internText('a'), dictionary.internText(long), dictionary.internText(long)]).toEqual([0, 1, 1]);
    expect(dictionary.values[1]).toBe(long);
  });

  test('is full once it holds as many values as a column may have', () => {
    const dictionary = new Dictionary();
    for (let i = 0; i < DICTIONARY_VALUES_MAX - 1; i++) dictionary.internText(String(i));
    expect(dictionary.full).toBe(false);
    dictionary.internText('last');
    expect(dictionary.full).toBe(true);
  });

  test('gives a number with its unit the id of their text', () => {
    const units = Array.from({ length: 12 }, (_, i) => 'x'.repeat(i));
    const numbers = fc.oneof(
      fc.nat(20),
      fc.nat(40_000),
      fc.maxSafeNat().map((n) => n % 1e15),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, fc.constantFrom(...units)), { maxLength: 80 }), (values) => {
        const dictionary = new Dictionary();
        for (const [value, unit] of values) {
          const id = dictionary.internNumber(value, unit);
          expect(dictionary.values[id]).toBe(`${value}${unit}`);
          expect(dictionary.internText(`${value}${unit}`)).toBe(id);
          expect(dictionary.internNumber(value, unit)).toBe(id);
        }
      }),
    );
  });
});
