/**
 * Pages: a Thrift header (compact protocol), uncompressed definition levels, and a payload compressed with zstd where
 * that makes it smaller. Data pages are DATA_PAGE_V2.
 *
 * The header is written by hand: it has one fixed shape, and a section has thousands of them. Checksums are kept in the
 * pointers, where they are needed, and not repeated in the header.
 */
import { crc32 } from 'node:zlib';
import { CorruptObject } from '../../corrupt.js';
import { compress, decompress, release } from '../../zstd.js';
import type { ByteSink } from '../byte-sink.js';
import { putVarint } from './varint.js';

/** Parquet's Encoding enum. */
export const PLAIN = 0;
export const DELTA_BINARY_PACKED = 5;
export const DELTA_LENGTH_BYTE_ARRAY = 6;
export const RLE_DICTIONARY = 8;

/** Below this, a zstd frame's own header and the call cost more than they save. */
const COMPRESS_BYTES_MIN = 256;
const HEADER_BYTES_MAX = 64;

/** What a reader must know about a page to read it without its header. */
export interface PageFacts {
  /** Bytes of header, levels and stored payload together. */
  readonly storedBytes: number;
  readonly headerBytes: number;
  readonly levelBytes: number;
  /** Payload before compression. */
  readonly payloadBytes: number;
  /** Of levels and stored payload. */
  readonly crc: number;
}

export interface DataPage {
  readonly encoding: number;
  readonly rows: number;
  readonly nulls: number;
  readonly levels: Uint8Array;
  readonly payload: Uint8Array;
}

const NO_LEVELS = new Uint8Array(0);

export function writeDataPage(sink: ByteSink, page: DataPage, zstdLevel: number): PageFacts {
  const stored = shrink(page.payload, zstdLevel);
  const crc = crc32(stored, crc32(page.levels));
  const header = sink.reserve(HEADER_BYTES_MAX);
  const start = sink.length;
  let at = putField(header, start, 3); // DATA_PAGE_V2
  at = putField(header, at, page.levels.length + page.payload.length);
  at = putField(header, at, page.levels.length + stored.length);
  header[at++] = 0x5c; // field 8: data_page_header_v2
  at = putField(header, at, page.rows);
  at = putField(header, at, page.nulls);
  at = putField(header, at, page.rows);
  at = putField(header, at, page.encoding);
  at = putField(header, at, page.levels.length);
  at = putField(header, at, 0); // repetition levels
  header[at++] = stored === page.payload ? 0x12 : 0x11; // field 7: is_compressed
  return finish(sink, header, start, at, page.levels, stored, page.payload.length, crc);
}

export function writeDictionaryPage(sink: ByteSink, values: number, payload: Uint8Array, zstdLevel: number): PageFacts {
  // Unlike a V2 page, a dictionary page cannot say that it is not compressed.
  const stored = compress(payload, zstdLevel);
  const crc = crc32(stored);
  const header = sink.reserve(HEADER_BYTES_MAX);
  const start = sink.length;
  let at = putField(header, start, 2); // DICTIONARY_PAGE
  at = putField(header, at, payload.length);
  at = putField(header, at, stored.length);
  header[at++] = 0x4c; // field 7: dictionary_page_header
  at = putField(header, at, values);
  at = putField(header, at, PLAIN);
  return finish(sink, header, start, at, NO_LEVELS, stored, payload.length, crc);
}

function shrink(payload: Uint8Array, zstdLevel: number): Uint8Array {
  if (payload.length < COMPRESS_BYTES_MIN) return payload;
  const packed = compress(payload, zstdLevel);
  return packed.length < payload.length ? packed : payload;
}

/** An i32 field whose id is one more than the last. */
function putField(out: Uint8Array, at: number, value: number): number {
  out[at] = 0x15;
  return putVarint(out, at + 1, ((value << 1) ^ (value >> 31)) >>> 0);
}

function finish(
  sink: ByteSink,
  header: Uint8Array,
  start: number,
  at: number,
  levels: Uint8Array,
  stored: Uint8Array,
  payloadBytes: number,
  crc: number,
): PageFacts {
  header[at++] = 0; // end of the inner struct
  header[at++] = 0; // end of PageHeader
  const headerBytes = at - start;
  sink.advance(headerBytes);
  sink.append(levels);
  sink.append(stored);
  return {
    storedBytes: headerBytes + levels.length + stored.length,
    headerBytes,
    levelBytes: levels.length,
    payloadBytes,
    crc,
  };
}

export interface PageBody {
  readonly levels: Uint8Array;
  readonly payload: Uint8Array;
  /** Frees the payload, if it is not a part of what was read. */
  release(): void;
}

/** Checks and decompresses a data page as read from its facts. Throws CorruptObject. */
export function readPage(stored: Uint8Array, facts: PageFacts): PageBody {
  const { levels, data } = checked(stored, facts);
  // Only what zstd makes smaller is stored compressed.
  return data.length === facts.payloadBytes
    ? { levels, payload: data, release: () => undefined }
    : unpacked(levels, data, facts);
}

/** The same for the page of a dictionary, which is always compressed, be it to its own size. */
export function readDictionaryPage(stored: Uint8Array, facts: PageFacts): PageBody {
  const { levels, data } = checked(stored, facts);
  return unpacked(levels, data, facts);
}

function checked(stored: Uint8Array, facts: PageFacts): { readonly levels: Uint8Array; readonly data: Uint8Array } {
  if (stored.length !== facts.storedBytes || facts.headerBytes + facts.levelBytes > stored.length) {
    throw new CorruptObject('a page of the wrong size');
  }
  const body = stored.subarray(facts.headerBytes);
  if (crc32(body) !== facts.crc) throw new CorruptObject('checksum mismatch');
  return { levels: body.subarray(0, facts.levelBytes), data: body.subarray(facts.levelBytes) };
}

function unpacked(levels: Uint8Array, data: Uint8Array, { payloadBytes }: PageFacts): PageBody {
  const payload = decompress(data, payloadBytes);
  return { levels, payload, release: () => release(payload) };
}
