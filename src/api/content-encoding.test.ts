import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeContent } from './content-encoding.js';

const LIMITS = { decompressedBytesMax: 100_000 };
const BODY = Buffer.from('{"streams":[]}'.repeat(500));

async function decoded(body: Uint8Array, encoding: string): Promise<string> {
  const outcome = await decodeContent(body, encoding, LIMITS);
  return outcome.ok ? Buffer.from(outcome.value).toString() : `${outcome.fault.code}: ${outcome.fault.message}`;
}

it.each([
  ['', BODY],
  ['snappy', BODY],
  ['gzip', gzipSync(BODY)],
  ['gzip', Buffer.concat([gzipSync(BODY.subarray(0, 100)), gzipSync(BODY.subarray(100))])],
  ['deflate', deflateRawSync(BODY)],
  ['deflate', deflateRawSync(BODY, { level: 0 })],
])('"%s" is undone', async (encoding, body) => {
  expect(await decoded(body, encoding)).toBe(BODY.toString());
});

it('an unknown encoding is refused by name', async () => {
  expect(await decoded(BODY, 'br')).toBe('bad-request: Content-Encoding "br" not supported');
});

it.each([
  ['cut off', gzipSync(BODY).subarray(0, 40)],
  ['no gzip at all', BODY],
  ['empty', Buffer.alloc(0)],
  ['with a wrong checksum', Buffer.concat([gzipSync(BODY).subarray(0, -8), Buffer.alloc(8)])],
])('a body that is %s is refused', async (_what, body) => {
  expect(await decoded(body, 'gzip')).toMatch(/^bad-request: /);
});

it('a bomb is refused at the bound', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  expect(bomb.length).toBeLessThan(60_000);
  expect(await decoded(bomb, 'gzip')).toBe(
    'too-large: request body too large: decompressed message size too large than max (100001 vs 100000)',
  );
});

it('exactly the bound is accepted', async () => {
  expect((await decoded(gzipSync(Buffer.alloc(100_000, 'x')), 'gzip')).length).toBe(100_000);
});
