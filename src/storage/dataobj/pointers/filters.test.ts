import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addTextGrams, takeTextFilter } from '../logs/shape.js';
import { ShapeTable } from '../logs/shape-table.js';
import {
  addGrams,
  fitTextFilters,
  foldGrams,
  GRAM_WORDS,
  isFilterSize,
  mayContain,
  needleBits,
} from './text-filter.js';

const line = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.stringMatching(/^[0-9a-f]{8,40}$/),
  fc.stringMatching(/^[0-9]{1,20}$/),
  fc.stringMatching(/^[a-z]{1,8}=[0-9]{1,4} [A-Z][a-z]{2,9} "[a-f-]{0,12}"$/),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const lines = fc.array(line, { minLength: 1, maxLength: 40 });
const ROOM = 1 << 20;

function buildTextFilter(page: Uint8Array, from: number, to: number, bytesMax: number): Uint8Array {
  addTextGrams(page.subarray(from, to));
  return takeTextFilter(bytesMax);
}

function wordsOf(filter: Uint8Array): Int32Array {
  return new Int32Array(filter.buffer, filter.byteOffset, filter.length / 4);
}

describe('text filters that are too large together', () => {
  const filtersOf = (pages: readonly Buffer[]) => {
    const filters = pages.map((page) => buildTextFilter(page, 0, page.length, ROOM));
    return { bytes: Buffer.concat(filters), sizes: Int32Array.from(filters, ({ length }) => length) };
  };

  test('are folded until they fit, never deny what is there, and never become useless', () => {
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1, maxLength: 6 }), fc.nat(1000), (texts, bytesMax) => {
        const pages = texts.map((page) => Buffer.from(page.join(''), 'utf8'));
        const before = filtersOf(pages);
        const { bytes, sizes } = fitTextFilters(before, bytesMax);
        expect(bytes.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(bytes.length).toBeLessThanOrEqual(before.bytes.length);
        let at = 0;
        texts.forEach((page, p) => {
          expect(isFilterSize(sizes[p]!)).toBe(true);
          const words = wordsOf(new Uint8Array(bytes.subarray(at, at + sizes[p]!)));
          for (const text of page)
            expect(mayContain(words, 0, words.length, needleBits(Buffer.from(text, 'utf8')))).toBe(true);
          at += sizes[p]!;
        });
      }),
    );
  });

  test('lose the half that matters least', () => {
    const sparse = Buffer.from('one two three four five six seven eight nine ten eleven');
    const dense = Buffer.from(Array.from({ length: 900 }, (_, i) => `${i * 7919} ${i.toString(36)}word`).join(' '));
    const before = filtersOf([sparse, dense]);
    const { sizes } = fitTextFilters(before, before.bytes.length - 1);
    expect(Array.from(sizes)).toEqual([before.sizes[0]! / 2, before.sizes[1]!]);
    expect(fitTextFilters(before, before.bytes.length)).toEqual(before);
    expect(fitTextFilters(before, before.bytes.length * 0.6).sizes[1]).toBe(before.sizes[1]! / 2);
  });
});

/** Another digit for a digit, another letter for a letter. */
function varied(c: string, by: number): string {
  return c <= '9' ? String((Number(c) + by) % 10) : 'abcdef'[('abcdef'.indexOf(c) + by) % 6]!;
}

describe('a text filter', () => {
  test('never denies a substring, wherever it was cut out', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(), fc.nat(), fc.constantFrom(ROOM, 64, 8), (texts, which, from, to, room) => {
        const page = Buffer.from(texts.join(''), 'utf8');
        const filter = wordsOf(buildTextFilter(page, 0, page.length, room));
        const one = Buffer.from(texts[which % texts.length]!, 'utf8');
        const ends = [from % (one.length + 1), to % (one.length + 1)].sort((a, b) => a - b);
        const needle = one.subarray(ends[0], ends[1]);
        expect(mayContain(filter, 0, filter.length, needleBits(needle))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('is the same however it is made', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), (texts, isLong) => {
        const all = isLong ? Array.from({ length: 400 }, () => texts).flat() : texts;
        // Without digits at its start: the kernel also takes grams that begin before the text.
        const page = Buffer.from(`lines${all.join('')}`, 'utf8');
        const table = new Int32Array(GRAM_WORDS);
        addGrams(page, 0, page.length, table);
        const plain = wordsOf(foldGrams(table, ROOM));
        const kernel = wordsOf(buildTextFilter(page, 0, page.length, ROOM));
        expect(kernel).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  test('never denies a substring of a line whose shape was there before', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[0-9a-f]{1,24}$/),
      fc.stringMatching(/^[a-z]{1,6}[0-9]{0,3}[a-zA-Z]{0,5}$/),
      fc.constantFrom(' ', '-', '=', '"', 'é', 'msg', 'request served'),
    );
    const template = fc.array(word, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        template,
        fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (parts, seeds, a, b) => {
          // Lines that differ in their digits, and in the letters of words that have some.
          const texts = seeds.map((seed) =>
            Buffer.from(
              parts
                .map((part) => (/[0-9]/.test(part) ? part.replace(/[0-9a-f]/g, (c, i) => varied(c, seed + i)) : part))
                .join(''),
            ),
          );
          const offsets = new Int32Array(texts.length + 1);
          texts.forEach((text, i) => {
            offsets[i + 1] = offsets[i]! + text.length;
          });
          const shaped = new ShapeTable(texts.length, 0).add(Buffer.concat(texts), 0, offsets);
          expect(shaped).toBe(texts.length);
          const filter = wordsOf(takeTextFilter(ROOM));
          for (const text of texts) {
            const ends = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y);
            for (const needle of [text, text.subarray(ends[0], ends[1])])
              expect(mayContain(filter, 0, filter.length, needleBits(needle))).toBe(true);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('finds a needle at any position of the bytes it was built from', () => {
    const page = Buffer.from('xx{"id":"6f1d2c3b-90ab-4cde-8f01-23456789abcd","msg":"Connection reset by peer"}yy');
    const filter = wordsOf(buildTextFilter(page, 2, page.length - 2, ROOM));
    for (let from = 2; from < page.length - 2; from++) {
      for (let to = from; to <= page.length - 2; to++) {
        expect(mayContain(filter, 0, filter.length, needleBits(page.subarray(from, to)))).toBe(true);
      }
    }
  });

  test('denies most needles that do not occur', () => {
    const page = Buffer.from(
      Array.from({ length: 2000 }, (_, i) => `level=info msg="request ${i} done" id=${hex(i)}`).join(''),
    );
    const filter = wordsOf(buildTextFilter(page, 0, page.length, ROOM));
    const denied = (needles: readonly string[]): number =>
      needles.filter((needle) => !mayContain(filter, 0, filter.length, needleBits(Buffer.from(needle)))).length;
    expect(denied(Array.from({ length: 500 }, (_, i) => hex(1e6 + i)))).toBeGreaterThan(490);
    expect(denied(['panic', 'OOMKilled', 'deadlock', 'certificate', 'segfault', 'unauthorized'])).toBe(6);
  });

  test('has nothing to say about needles of less than four bytes', () => {
    for (const needle of ['', 'a', '12', 'abc']) expect(needleBits(Buffer.from(needle)).length).toBe(0);
    expect(needleBits(Buffer.from('abcd')).length).toBe(2);
  });

  test('has a size that is a power of two within its room, and grows with the text', () => {
    const sizes = [10, 100, 1000, 10_000].map((count) => {
      const page = Buffer.from(Array.from({ length: count }, (_, i) => hex(i)).join(' '));
      const { length } = buildTextFilter(page, 0, page.length, ROOM);
      expect(isFilterSize(length)).toBe(true);
      return length;
    });
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(sizes[3]!).toBeGreaterThan(sizes[0]! * 16);
    expect(buildTextFilter(Buffer.from('hello world'), 0, 11, 7).length).toBe(0);
    expect(isFilterSize(24)).toBe(false);
    expect(isFilterSize(4)).toBe(false);
  });

  test('that would be too full to help is left out', () => {
    const page = Buffer.from(Array.from({ length: 5000 }, (_, i) => hex(i)).join(' '));
    expect(buildTextFilter(page, 0, page.length, 256).length).toBe(0);
  });
});

function hex(seed: number): string {
  let state = seed;
  return Array.from({ length: 32 }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 28).toString(16);
  }).join('');
}
