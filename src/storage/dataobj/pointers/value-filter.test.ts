import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildValueFilter, keepPagesWithValue, valueFilterBytes } from './value-filter.js';
import { hashText } from './value-hash.js';

/** The values of each page. */
type Pages = readonly (readonly string[])[];

interface Built {
  readonly bytes: Uint8Array;
  readonly entries: number;
  readonly pages: number;
}

function build(pages: Pages): Built {
  const entries = pages.flatMap((values, page) =>
    [...new Set(values)].map((value) => ({ hash: hashText(value), page })),
  );
  const hashes = Int32Array.from(entries, ({ hash }) => hash);
  const pageOf = Int32Array.from(entries, ({ page }) => page);
  return { bytes: buildValueFilter(hashes, pageOf, pages.length), entries: entries.length, pages: pages.length };
}

function admitted(filter: Built, value: string): number[] {
  const pages = new Uint8Array(Math.ceil(filter.pages / 8)).fill(0xff);
  keepPagesWithValue(filter.bytes, filter, hashText(value), pages);
  return Array.from({ length: filter.pages }, (_, page) => page).filter(
    (page) => (pages[page >>> 3]! & (1 << (page & 7))) !== 0,
  );
}

describe('a value filter', () => {
  test('never denies a page that has the value', () => {
    const values = fc.array(fc.string({ maxLength: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 40 }), (pages) => {
        const filter = build(pages);
        expect(filter.bytes.length).toBe(valueFilterBytes(filter));
        pages.forEach((texts, page) => {
          for (const text of texts) expect(admitted(filter, text)).toContain(page);
        });
      }),
    );
  });

  test('admits two pages in a hundred sections for a value that is nowhere, however many pages a section has', () => {
    for (const count of [1, 10, 300]) {
      const filter = build(Array.from({ length: count }, (_, p) => idsOf(p * 1000, 6000 / count)));
      const absent = idsOf(1e7, 20_000);
      const wrong = absent.reduce((sum, id) => sum + admitted(filter, id).length, 0);
      expect(wrong / absent.length).toBeLessThan(0.03);
    }
  });

  test('finds a value that every page has, and those beside it', () => {
    const filter = build(Array.from({ length: 700 }, (_, page) => ['info', `id-${page}`]));
    expect(admitted(filter, 'info').length).toBe(700);
    expect(admitted(filter, 'id-699')).toContain(699);
    expect(admitted(filter, 'id-699').length).toBeLessThan(4);
  });

  test('leaves out pages that were left out before', () => {
    const filter = build([['a'], ['a'], ['a']]);
    const pages = Uint8Array.of(0b101);
    keepPagesWithValue(filter.bytes, filter, hashText('a'), pages);
    expect(pages[0]).toBe(0b101);
  });

  test('of no values denies all and takes no byte', () => {
    const filter = build([[], []]);
    expect(filter.bytes.length).toBe(0);
    expect(admitted(filter, 'x')).toEqual([]);
  });

  test('takes two bytes for each value of a page', () => {
    const filter = build(Array.from({ length: 300 }, (_, page) => idsOf(page * 1000, 100)));
    expect(filter.bytes.length / filter.entries).toBeLessThan(2.02);
  });

  test('of any bytes is read without an end to wait for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer(),
        (entries, pages, seed) => {
          const bytes = new Uint8Array(valueFilterBytes({ entries, pages }));
          for (let i = 0; i < bytes.length; i++) bytes[i] = hashText(String(i), seed);
          admitted({ bytes, entries, pages }, 'x');
        },
      ),
    );
  });
});

function idsOf(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `trace-${first + i}`);
}
