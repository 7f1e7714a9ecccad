/** Writes an ApiResponse to node:http: compressed where the client can read that, in pieces where it is long. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createGzip, gzip, gzipSync } from 'node:zlib';
import type { ApiResponse } from './exchange.js';

const gzipWhole = promisify(gzip);
/** Below this many bytes compression saves no packet. */
const GZIP_BYTES_MIN = 1400;
const GZIP_OPTIONS = { level: constants.Z_BEST_SPEED };
/** By default the output comes 16 KB at a time, each by way of the thread pool. */
const GZIP_MUCH_OPTIONS = { ...GZIP_OPTIONS, chunkSize: 64 * 1024 };
/**
 * Up to this many bytes are compressed right here, in 2.5 ms per MB of log lines. To have a thread do it takes longer while
 * the process has other work: two to five milliseconds passed until it had 260 KB, of which 0.7 were spent on them.
 */
const GZIP_AT_ONCE_MAX = 512 * 1024;
/** Pieces that are put together, to be written as one. */
const PIECES_AT_ONCE_MAX = 2;

/**
 * Resolves when everything is handed to the socket; rejects when the client leaves first. A short answer, as every refusal
 * is, that goes out before its request has come in whole is ended only after `rest`: its end may close the connection.
 */
export async function writeResponse(
  response: ServerResponse,
  answer: ApiResponse,
  acceptEncoding: string,
  rest?: Promise<void>,
): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  const zip = acceptsGzip(acceptEncoding);
  if (typeof answer.body === 'string' || answer.body instanceof Uint8Array)
    return writeWhole(response, answer.body, zip, rest);
  const begun: string[] = [];
  for (let next = answer.body.next(); !next.done; next = answer.body.next()) {
    begun.push(next.value);
    if (begun.length > PIECES_AT_ONCE_MAX) return writePieces(response, prepended(begun, answer.body), zip);
  }
  return writeWhole(response, begun.join(''), zip, rest);
}

function* prepended(first: readonly string[], rest: Generator<string, void>): Generator<string, void> {
  yield* first;
  yield* rest;
}

async function writeWhole(
  response: ServerResponse,
  body: string | Uint8Array,
  zip: boolean,
  rest: Promise<void> | undefined,
): Promise<void> {
  let bytes: Uint8Array = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  if (zip && bytes.length >= GZIP_BYTES_MIN) {
    bytes =
      bytes.length <= GZIP_AT_ONCE_MAX ? gzipSync(bytes, GZIP_OPTIONS) : await gzipWhole(bytes, GZIP_MUCH_OPTIONS);
    encoded(response);
  }
  // 204 has no body and no length.
  if (response.statusCode !== 204) response.setHeader('content-length', bytes.length);
  if (rest === undefined) response.end(bytes);
  else {
    response.write(bytes);
    await rest;
    response.end();
  }
  if (!response.writableFinished && !response.destroyed) await once(response, 'close');
}

async function writePieces(response: ServerResponse, pieces: Generator<string, void>, zip: boolean): Promise<void> {
  // Readable.from pulls one piece per turn, so that other requests get theirs.
  const source = Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
  if (!zip) return pipeline(source, response);
  encoded(response);
  return pipeline(source, createGzip(GZIP_MUCH_OPTIONS), response);
}

function encoded(response: ServerResponse): void {
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'Accept-Encoding');
}

/** RFC 9110 12.5.3: `gzip` or `*` listed, and not with a weight of zero. */
export function acceptsGzip(header: string): boolean {
  return header.split(',').some((item) => {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    if (coding !== 'gzip' && coding !== '*') return false;
    return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
