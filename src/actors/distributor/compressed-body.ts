import { CorruptObject } from '../../storage/corrupt.js';
import { decompressUpTo } from '../../storage/zstd.js';
import { unreachable } from '../../wire/exhaustive.js';
import { raise } from '../../wire/fault.js';
import type { BodyEncoding } from '../../wire/query.js';
import { decodeLz4 } from './lz4.js';

/**
 * A body without the encoding that the HTTP layer has left on it. Throws a FaultError: `bad-request` where it is not so
 * encoded, `too-large` where more than `maxBytes` come out.
 */
export function decompressedBody(body: Uint8Array, encoding: BodyEncoding | undefined, maxBytes: number): Uint8Array {
  switch (encoding) {
    case undefined:
      return body;
    case 'zstd':
      return decodeZstd(body, maxBytes);
    case 'lz4':
      return decodeLz4(body, maxBytes);
    default:
      return unreachable(encoding);
  }
}

function decodeZstd(body: Uint8Array, maxBytes: number): Uint8Array {
  try {
    const plain = decompressUpTo(body, maxBytes);
    if (plain !== null) return plain;
  } catch (error) {
    if (error instanceof CorruptObject) raise('bad-request', error.message);
    throw error;
  }
  const sizes = `(${maxBytes + 1} vs ${maxBytes})`;
  return raise('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
}
