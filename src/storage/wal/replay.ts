import { crc32 } from 'node:zlib';
import { decodeHeader, findHeader, HEADER_BYTES, type RecordHeader, type WalRecord } from './record.js';

/**
 * Bytes of a segment that hold no readable record. `torn` is the usual end of a segment that was being written when
 * the process died: nothing in it was ever acknowledged. `corrupt` is damage to what had been written whole.
 */
export interface Damage {
  readonly kind: 'torn' | 'corrupt' | 'unreadable';
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/**
 * Yields every intact record of one segment in order and returns what was damaged. Never throws: a record with a bad
 * payload is stepped over, a bad header is followed by a search for the next good one, an end without any is cut off.
 * Records below `firstSeq` are what an earlier use of the file left. Payloads are views into `segment`.
 */
export function* readSegment(segment: Buffer, firstSeq = 0): Generator<WalRecord, readonly Damage[]> {
  const damage: Damage[] = [];
  let offset = 0;
  while (offset < segment.length) {
    const header = freshHeader(segment, offset, firstSeq);
    const start = offset + HEADER_BYTES;
    const end = header ? start + header.payloadBytes : 0;
    if (header && end <= segment.length) {
      const payload = segment.subarray(start, end);
      if (crc32(payload) === header.payloadCrc) yield { seq: header.seq, payload };
      else if (isFollowed(segment, end, firstSeq)) {
        damage.push(corrupt(offset, end, `record ${header.seq}: its payload does not match its checksum`));
      } else return [...damage, torn(offset, end)];
      offset = end;
      continue;
    }
    const next = header ? -1 : findHeader(segment, offset + 1, firstSeq);
    if (next >= 0) damage.push(corrupt(offset, next, 'no valid record header'));
    else if (!isEnd(segment, offset)) damage.push(torn(offset, segment.length));
    offset = next >= 0 ? next : segment.length;
  }
  return damage;
}

function freshHeader(segment: Buffer, offset: number, firstSeq: number): RecordHeader | null {
  const header = decodeHeader(segment, offset);
  return header && header.seq >= firstSeq ? header : null;
}

/** Whether a record that ends here was written to its end: the end of its group, of the file or another record comes behind it. */
function isFollowed(segment: Buffer, end: number, firstSeq: number): boolean {
  return isEnd(segment, end) || findHeader(segment, end, firstSeq) >= 0;
}

function corrupt(offset: number, end: number, reason: string): Damage {
  return { kind: 'corrupt', offset, bytes: end - offset, reason };
}

function torn(offset: number, end: number): Damage {
  return { kind: 'torn', offset, bytes: end - offset, reason: 'the last record was not written to its end' };
}

/** The end of a group, or of the file. File systems, too, may leave zeros behind a crash: space that was reserved and never written. */
function isEnd(segment: Buffer, from: number): boolean {
  const to = Math.min(from + HEADER_BYTES, segment.length);
  for (let i = from; i < to; i++) if (segment[i] !== 0) return false;
  return true;
}
