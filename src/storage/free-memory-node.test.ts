import { expect, it } from 'vitest';
import { freeMemory } from './free-memory-node.js';
import { compress, decompress, release } from './zstd.js';

it('memory that is freed is gone from the buffer and from the process', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 100; i++) {
    const bytes = new Uint8Array(1 << 24);
    freeMemory(bytes.buffer);
    expect(bytes.length).toBe(0);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 26);
});

it('released content is freed when it is of some size and has its memory for itself', () => {
  const text = Buffer.alloc(100_000, 'text');
  const whole = decompress(compress(text, 1), text.length);
  const part = whole.subarray(10);
  release(part);
  expect(whole.length).toBe(text.length);
  release(whole);
  expect([whole.length, part.length]).toEqual([0, 0]);
  const small = decompress(compress(text.subarray(0, 100), 1), 100);
  release(small);
  expect(small.length).toBe(100);
});
