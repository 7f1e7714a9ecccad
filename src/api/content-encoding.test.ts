import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeContent } from './content-encoding.js';

const limits = { decompressedBytesMax: 10_000 };
const text = Buffer.from('{"streams":[]} '.repeat(100));

async function refusal(body: Uint8Array, encoding: string): Promise<string> {
  const outcome = await decodeContent(body, encoding, limits);
  return outcome.ok ? 'accepted' : `${outcome.fault.code}: ${outcome.fault.message}`;
}

describe('a body', () => {
  it.each<[string, Uint8Array]>([
    ['', text],
    ['snappy', text],
    ['gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync(text.subarray(0, 700)), gzipSync(text.subarray(700))])],
    ['deflate', deflateRawSync(text)],
  ])('with encoding %j is handed on without it', async (encoding, body) => {
    const outcome = await decodeContent(body, encoding, limits);
    expect(outcome.ok && Buffer.from(outcome.value).equals(text)).toBe(true);
  });

  it('may become as large as allowed', async () => {
    const outcome = await decodeContent(gzipSync(Buffer.alloc(10_000)), 'gzip', limits);
    expect(outcome.ok && outcome.value.length).toBe(10_000);
  });

  it.each(['gzip', 'deflate'])('in %s that would become larger is too large', async (encoding) => {
    const bomb = Buffer.alloc(50_000_000);
    const body = encoding === 'gzip' ? gzipSync(bomb) : deflateRawSync(bomb);
    expect(await refusal(body, encoding)).toBe(
      'too-large: request body too large: decompressed message size too large than max (10001 vs 10000)',
    );
  });

  it.each<[string, Uint8Array]>([
    ['gzip', Buffer.from('not gzip at all')],
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['gzip', new Uint8Array(0)],
    ['gzip', deflateRawSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', Buffer.from([0xff, 0xff])],
  ])('that is not %s is refused', async (encoding, body) => {
    expect(await refusal(body, encoding)).toMatch(/^bad-request: /);
  });

  it.each(['zstd', 'br', 'GZIP', 'gzip, gzip', '"'])('with encoding %j is refused', async (encoding) => {
    expect(await refusal(text, encoding)).toBe(
      `bad-request: Content-Encoding ${JSON.stringify(encoding)} not supported`,
    );
  });

  it('may be larger than a buffer can be where the limit says so', async () => {
    const outcome = await decodeContent(gzipSync(text), 'gzip', { decompressedBytesMax: 2 ** 45 });
    expect(outcome.ok).toBe(true);
  });
});
