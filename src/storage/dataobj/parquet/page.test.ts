import { describe, expect, test } from 'vitest';
import { CorruptObject } from '../../corrupt.js';
import { ByteSink } from '../byte-sink.js';
import { type PageFacts, PLAIN, readDictionaryPage, readPage, writeDataPage, writeDictionaryPage } from './page.js';

const repetitive = Buffer.from('abcdefgh'.repeat(500));
const random = Buffer.from(Array.from({ length: 600 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24));
const levels = Uint8Array.of(1, 2, 3);

function written(payload: Uint8Array): { stored: Uint8Array; facts: PageFacts } {
  const sink = new ByteSink(1);
  sink.append(Uint8Array.of(9, 9));
  const facts = writeDataPage(sink, { encoding: PLAIN, rows: 10, nulls: 2, levels, payload }, 1);
  return { stored: sink.view(2), facts };
}

describe('a data page', () => {
  test.each([
    ['compressed', repetitive],
    ['kept as it is because compression would not help', random],
    ['kept as it is because it is tiny', Buffer.from('tiny')],
    ['empty', Buffer.alloc(0)],
  ])('that is %s comes back with its levels', (_, payload) => {
    const { stored, facts } = written(payload);
    const page = readPage(stored, facts);
    expect(Buffer.from(page.payload).equals(payload)).toBe(true);
    expect([...page.levels]).toEqual([...levels]);
    expect(stored.length).toBe(facts.storedBytes);
    expect(facts.storedBytes).toBeLessThanOrEqual(facts.headerBytes + levels.length + payload.length);
  });

  test('with any bit of its body flipped is refused', () => {
    const { stored, facts } = written(repetitive);
    for (let bit = facts.headerBytes * 8; bit < stored.length * 8; bit++) {
      const copy = new Uint8Array(stored);
      copy[bit >>> 3] = copy[bit >>> 3]! ^ (1 << (bit & 7));
      expect(() => readPage(copy, facts)).toThrow(CorruptObject);
    }
  });

  test('cut short, or with facts that promise another size, is refused', () => {
    const { stored, facts } = written(repetitive);
    expect(() => readPage(stored.subarray(0, stored.length - 1), facts)).toThrow(CorruptObject);
    expect(() => readPage(stored, { ...facts, payloadBytes: facts.payloadBytes + 1 })).toThrow(CorruptObject);
    expect(() => readPage(stored, { ...facts, payloadBytes: 2 ** 31 - 1 })).toThrow(CorruptObject);
    expect(() => readPage(stored, { ...facts, levelBytes: stored.length })).toThrow(CorruptObject);
  });
});

test('a dictionary page is compressed even when that makes it larger, for its header cannot say otherwise', () => {
  const sink = new ByteSink();
  const facts = writeDictionaryPage(sink, 1, Buffer.from('v'), 1);
  expect(facts.storedBytes - facts.headerBytes).toBeGreaterThan(1);
  expect(Buffer.from(readDictionaryPage(sink.view(), facts).payload).toString()).toBe('v');
});

test('a dictionary that compresses to its own size is read', () => {
  const sameSize = Array.from({ length: 40 }, (_, size) => {
    const payload = Buffer.alloc(size, 0x61);
    const sink = new ByteSink();
    const facts = writeDictionaryPage(sink, 1, payload, 1);
    expect(Buffer.from(readDictionaryPage(sink.view(), facts).payload)).toEqual(payload);
    return facts.storedBytes - facts.headerBytes === size;
  });
  expect(sameSize).toContain(true);
});
