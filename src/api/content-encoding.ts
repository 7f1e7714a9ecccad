import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, inflateRaw, type ZlibOptions } from 'node:zlib';
import { asFault, type Fault, fault } from '../wire/fault.js';
import { quoteGoString } from '../wire/go-quote.js';
import type { Outcome } from '../wire/query.js';

const undoGzip = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);
const undoDeflate = promisify<Uint8Array, ZlibOptions, Buffer>(inflateRaw);

/** Log bodies compress about tenfold: a first buffer of this many times their size mostly holds them whole. */
const EXPECTED_RATIO = 12;
const CHUNK_BYTES_MIN = 16 * 1024;
const CHUNK_BYTES_MAX = 16 * 1024 * 1024;

export interface ContentLimits {
  /** What a body may become; more is refused without being held in memory. */
  readonly decompressedBytesMax: number;
}

/**
 * A push body without its Content-Encoding: none, `gzip` or `deflate` (RFC 1951, without a zlib header). `snappy` only
 * marks what the content type says already, so that body is handed on as it is. Faults: `bad-request` for any other
 * encoding and for corrupt bodies, `too-large`.
 */
export async function decodeContent(
  body: Uint8Array,
  encoding: string,
  limits: ContentLimits,
): Promise<Outcome<Uint8Array>> {
  switch (encoding) {
    case '':
    case 'snappy':
      return { ok: true, value: body };
    case 'gzip':
      return inflate(undoGzip, body, limits);
    case 'deflate':
      return inflate(undoDeflate, body, limits);
    default:
      return { ok: false, fault: fault('bad-request', `Content-Encoding ${quoteGoString(encoding)} not supported`) };
  }
}

async function inflate(
  undo: (body: Uint8Array, options: ZlibOptions) => Promise<Buffer>,
  body: Uint8Array,
  limits: ContentLimits,
): Promise<Outcome<Uint8Array>> {
  try {
    const maxOutputLength = Math.min(limits.decompressedBytesMax, constants.MAX_LENGTH);
    // By default the output comes 16 KB at a time, each time by way of the thread pool: five times the CPU for 1 MB.
    const chunkSize = Math.min(Math.max(body.length * EXPECTED_RATIO, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
    return { ok: true, value: await undo(body, { maxOutputLength, chunkSize }) };
  } catch (error) {
    return { ok: false, fault: inflateFault(error, limits.decompressedBytesMax) };
  }
}

function inflateFault(error: unknown, max: number): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    const sizes = `(${max + 1} vs ${max})`;
    return fault('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
  }
  return code.startsWith('Z_') ? fault('bad-request', asFault(error).message) : asFault(error);
}
