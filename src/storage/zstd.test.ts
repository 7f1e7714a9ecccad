import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { CorruptObject } from './corrupt.js';
import { compress, decompress, decompressUpTo } from './zstd.js';

const text = Buffer.from('level=info msg="request done" '.repeat(200));

/** What `zstd -c` makes of a pipe: no content size, a checksum at the end. */
const STREAMED = Buffer.from('KLUv/QRYzQAAiGxldmVsPWluZm8gbXNnPXggAQBJjqTPJSZqb8c=', 'base64');
const STREAMED_TEXT = Buffer.from('level=info msg=x '.repeat(3000));

describe('zstd', () => {
  test('gives back what was compressed, also from shared memory', () => {
    for (const data of [Buffer.alloc(0), Buffer.from('x'), text]) {
      expect(Buffer.from(decompress(compress(data, 1), data.length)).equals(data)).toBe(true);
    }
    const shared = new Uint8Array(new SharedArrayBuffer(text.length));
    shared.set(text);
    const packed = compress(shared, 1);
    expect(packed.length).toBeLessThan(text.length / 10);
    expect(Buffer.from(decompress(packed, text.length)).equals(text)).toBe(true);
  });

  test('refuses damaged frames and wrong sizes with CorruptObject', () => {
    const packed = compress(text, 1);
    expect(() => decompress(packed, text.length - 1)).toThrow(CorruptObject);
    expect(() => decompress(packed, text.length + 1)).toThrow(CorruptObject);
    expect(() => decompress(packed.subarray(0, packed.length - 3), text.length)).toThrow(CorruptObject);
    expect(() => decompress(Buffer.from('not a frame'), 5)).toThrow(CorruptObject);
    expect(() => decompress(packed, -1)).toThrow(CorruptObject);
    expect(() => decompress(packed, 2 ** 40)).toThrow(CorruptObject);
  });

  test('of unknown size is given back whole, or not at all where it is larger than allowed', () => {
    const sizes = (packed: Uint8Array, max: number): number | undefined => decompressUpTo(packed, max)?.length;
    const packed = compress(text, 1);
    expect(text.equals(decompressUpTo(packed, text.length)!)).toBe(true);
    expect(sizes(packed, text.length - 1)).toBeUndefined();
    // Writers of streams make frames that do not say how large their content is, and there may be several.
    expect(STREAMED_TEXT.equals(decompressUpTo(STREAMED, 1 << 30)!)).toBe(true);
    expect(sizes(STREAMED, STREAMED_TEXT.length - 1)).toBeUndefined();
    expect(sizes(Buffer.concat([STREAMED, STREAMED]), 1 << 30)).toBe(2 * STREAMED_TEXT.length);
  });

  test('of unknown size is refused with CorruptObject where it is damaged', () => {
    expect(() => decompressUpTo(Buffer.from('not a frame'), 100)).toThrow(CorruptObject);
    for (let length = 1; length < STREAMED.length; length++) {
      expect(() => decompressUpTo(STREAMED.subarray(0, length), 1 << 20), String(length)).toThrow(CorruptObject);
    }
  });

  test('is used by several threads at once without one disturbing another', async () => {
    const results = await Promise.all(Array.from({ length: 3 }, () => runThread()));
    expect(results).toEqual([0, 0, 0]);
  });
});

/** Compresses and checks in a loop on a thread of its own; resolves to the number of wrong answers. */
function runThread(): Promise<number> {
  const module = JSON.stringify(new URL('./zstd.ts', import.meta.url).href);
  const body = `(async () => {
    const { compress, decompress } = await (await import('tsx/esm/api')).tsImport(${module}, ${module});
    let wrong = 0;
    for (let i = 0; i < 300; i++) {
      const data = Buffer.from(Array.from({ length: 400 }, (_, j) => 'ts=' + i * j + ' level=info').join(' '));
      if (!Buffer.from(decompress(compress(data, 1), data.length)).equals(data)) wrong++;
    }
    require('node:worker_threads').parentPort.postMessage(wrong);
  })()`;
  const worker = new Worker(body, { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
