import { expect, test } from 'vitest';
import { PageCache } from './page-cache.js';
import type { TextPage } from './types.js';

function lines(length: number): TextPage {
  return { offsets: Int32Array.of(0, length), bytes: Buffer.alloc(length, 'x') };
}

test('a page is found where it was kept, and in no other section', () => {
  const cache = new PageCache(1 << 20);
  const [one, other] = [cache.ofSection(), cache.ofSection()];
  one.keep(4, { stored: Uint8Array.of(1, 2) });
  other.keep(8, { stored: Uint8Array.of(3) });
  expect(one.find(4)).toEqual({ stored: Uint8Array.of(1, 2) });
  expect(other.find(4)).toBeUndefined();
  expect(one.find(8)).toBeUndefined();
});

test('the page used longest ago makes room', () => {
  const cache = new PageCache(20_000);
  const section = cache.ofSection();
  for (let page = 0; page < 8; page++) section.keep(page, { lines: lines(2000) });
  section.find(0);
  section.keep(8, { lines: lines(2000) });
  expect(section.find(0)).toBeDefined();
  expect(section.find(1)).toBeUndefined();
  expect(section.find(8)).toBeDefined();
});

test('it never has more than it may, also where pages are kept again', () => {
  const cache = new PageCache(20_000);
  const section = cache.ofSection();
  for (let i = 0; i < 500; i++) {
    section.keep(i % 31, { lines: lines((i * 37) % 2000) });
    expect(cache.bytes).toBeLessThanOrEqual(20_000);
  }
  expect(cache.bytes).toBeGreaterThan(10_000);
});

test('a page that would take most of the room is not kept', () => {
  const cache = new PageCache(20_000);
  const section = cache.ofSection();
  section.keep(1, { lines: lines(100) });
  section.keep(2, { lines: lines(4000) });
  expect(section.find(1)).toBeDefined();
  expect(section.find(2)).toBeUndefined();
  expect(cache.counts()).toEqual({ pages: 1, pageBytes: cache.bytes, pageHits: 1, pageMisses: 1 });
});

test('what lies around a page is not kept alive by it', () => {
  const section = new PageCache(1 << 20).ofSection();
  const read = Buffer.from(new ArrayBuffer(100_000));
  section.keep(1, { stored: read.subarray(10, 20) });
  section.keep(2, { lines: { offsets: Int32Array.of(0, 10), bytes: read.subarray(10, 20) } });
  section.keep(3, { texts: { ranks: Int32Array.of(0), offsets: Int32Array.of(0, 10), bytes: read.subarray(10, 20) } });
  expect(section.find(1)?.stored?.buffer.byteLength).toBe(10);
  expect(section.find(2)?.lines?.bytes.buffer.byteLength).toBeLessThan(100_000);
  expect(section.find(3)?.texts?.bytes.buffer.byteLength).toBeLessThan(100_000);
});

test('it remembers of which pages rows were picked, the last few thousand', () => {
  const cache = new PageCache(20_000);
  const [one, other] = [cache.ofSection(), cache.ofSection()];
  expect([one.isPickedAgain(7), one.isPickedAgain(7), other.isPickedAgain(7)]).toEqual([false, true, false]);
  for (let page = 0; page < 8192; page++) other.isPickedAgain(page);
  expect([one.isPickedAgain(7), other.isPickedAgain(8191)]).toEqual([false, true]);
});
