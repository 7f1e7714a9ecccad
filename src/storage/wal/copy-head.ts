/**
 * What a record of a replicated part has before its batch, drawn in docs/format/wal.md. A record without it is an entries
 * batch from its first byte, as a process writes that replicates nothing.
 *
 *   magic u32 "SKP1" | head bytes u32 | part number u64 | texts u32 | texts: u16 length, UTF-8 | zeros
 *
 * The texts are origin, owner, and the replicas in order. All little-endian; the head ends at a multiple of 8 bytes.
 */
import type { BatchCopy } from '../../wire/batch-copy.js';

const MAGIC = 0x31504b53; // "SKP1" read as u32
const FIXED_BYTES = 20;
const TEXTS_MAX = 2 + 64;
const TEXT_BYTES_MAX = 1024;
const TWO_32 = 4294967296;

/** Throws a RangeError when names are longer, or replicas are more, than a head may hold. */
export function encodeCopyHead({ origin, seq, owner, replicas }: BatchCopy): Uint8Array {
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`replicated part: number ${seq}`);
  if (replicas.length > TEXTS_MAX - 2) throw new RangeError(`replicated part: ${replicas.length} replicas`);
  const texts = [origin, owner, ...replicas].map((text) => Buffer.from(text));
  const bytes = texts.reduce((sum, text) => sum + 2 + text.length, FIXED_BYTES);
  const head = Buffer.alloc(Math.ceil(bytes / 8) * 8);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(head.length, 4);
  head.writeUInt32LE(seq % TWO_32, 8);
  head.writeUInt32LE(Math.floor(seq / TWO_32), 12);
  head.writeUInt32LE(texts.length, 16);
  let at = FIXED_BYTES;
  for (const text of texts) {
    if (text.length > TEXT_BYTES_MAX) throw new RangeError(`replicated part: a name of ${text.length} bytes`);
    at = head.writeUInt16LE(text.length, at);
    at += text.copy(head, at);
  }
  return head;
}

export interface CopyRecord {
  readonly copy: BatchCopy;
  /** Where the batch begins. */
  readonly headBytes: number;
}

/** Null when the payload has no such head. Throws a RangeError when it begins like one and is none. */
export function decodeCopyHead(payload: Uint8Array): CopyRecord | null {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== MAGIC) return null;
  const headBytes = bytes.readUInt32LE(4);
  const count = bytes.readUInt32LE(16);
  const seq = bytes.readUInt32LE(8) + bytes.readUInt32LE(12) * TWO_32;
  const isWhole = headBytes >= FIXED_BYTES && headBytes <= bytes.length && headBytes % 8 === 0;
  if (!isWhole || count < 2 || count > TEXTS_MAX || seq < 1 || !Number.isSafeInteger(seq)) {
    throw new RangeError('replicated part: its head makes no sense');
  }
  const [origin, owner, ...replicas] = readTexts(bytes.subarray(0, headBytes), count);
  return { copy: { origin: origin!, seq, owner: owner!, replicas }, headBytes };
}

/** Throws a RangeError as soon as a text does not fit. */
function readTexts(head: Buffer, count: number): string[] {
  const texts: string[] = [];
  let at = FIXED_BYTES;
  for (let i = 0; i < count; i++) {
    const length = head.readUInt16LE(at);
    const end = at + 2 + length;
    if (length > TEXT_BYTES_MAX || end > head.length) throw new RangeError('replicated part: a name that is too long');
    texts.push(head.toString('utf8', at + 2, end));
    at = end;
  }
  return texts;
}
