/**
 * One record of the write-ahead log, drawn in docs/format/wal.md:
 *
 *   magic u32 "SKW1" | payload bytes u32 | seq u64 | crc of payload u32 | crc of the 20 bytes before, and of the offset
 *   payload
 *
 * All little-endian; crc is CRC-32 (IEEE 802.3). The header's checksum starts from the record's offset in its segment:
 * a header is valid only where it was written, so bytes that merely look like one (a log line may hold anything) are
 * not mistaken for a record when a reader searches behind damage.
 *
 * Behind a group of records stand zeros, as many bytes as a header has, over which the next group is written: what comes behind
 * them in a file that was used before is old.
 */
import { crc32 } from 'node:zlib';

export interface WalRecord {
  /** Ascending, never used twice, at most 2^53 - 1. */
  readonly seq: number;
  readonly payload: Uint8Array;
  /** Written before `payload` and read back as its first bytes, so that a large payload need not be copied to get a head. */
  readonly head?: Uint8Array;
}

export interface RecordHeader {
  readonly seq: number;
  readonly payloadBytes: number;
  readonly payloadCrc: number;
}

export const HEADER_BYTES = 24;
export const GROUP_END: Uint8Array = new Uint8Array(HEADER_BYTES);
const CHECKED_BYTES = 20;
const MAGIC = Buffer.from('SKW1', 'latin1');
const MAGIC_WORD = MAGIC.readUInt32LE(0);
const TWO_32 = 4294967296;

export function recordBytes(record: WalRecord): number {
  return HEADER_BYTES + payloadBytes(record);
}

function payloadBytes({ head, payload }: WalRecord): number {
  return (head?.length ?? 0) + payload.length;
}

export function encodeHeader(record: WalRecord, offset: number): Buffer {
  const { seq, head, payload } = record;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC_WORD, 0);
  header.writeUInt32LE(payloadBytes(record), 4);
  header.writeUInt32LE(seq % TWO_32, 8);
  header.writeUInt32LE(Math.floor(seq / TWO_32), 12);
  header.writeUInt32LE(crc32(payload, head ? crc32(head) : 0), 16);
  header.writeUInt32LE(headerCrc(header, 0, offset), CHECKED_BYTES);
  return header;
}

/** The header at `at` of some bytes, which is at `offset` of its segment; null where there is none. */
export function decodeHeader(bytes: Buffer, at: number, offset = at): RecordHeader | null {
  if (at + HEADER_BYTES > bytes.length) return null;
  if (bytes.readUInt32LE(at) !== MAGIC_WORD) return null;
  if (bytes.readUInt32LE(at + CHECKED_BYTES) !== headerCrc(bytes, at, offset)) return null;
  return {
    payloadBytes: bytes.readUInt32LE(at + 4),
    seq: bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12) * TWO_32,
    payloadCrc: bytes.readUInt32LE(at + 16),
  };
}

/** Offset of the first valid header of a record from `firstSeq` on, at or after `from`, or -1. */
export function findHeader(segment: Buffer, from: number, firstSeq: number): number {
  let offset = segment.indexOf(MAGIC, from);
  while (offset >= 0 && !((decodeHeader(segment, offset)?.seq ?? -1) >= firstSeq)) {
    offset = segment.indexOf(MAGIC, offset + 1);
  }
  return offset;
}

function headerCrc(bytes: Buffer, at: number, offset: number): number {
  return crc32(bytes.subarray(at, at + CHECKED_BYTES), offset >>> 0);
}
