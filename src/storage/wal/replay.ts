import { crc32 } from 'node:zlib';
import { decodeHeader, findHeader, HEADER_BYTES, type WalRecord } from './record.js';

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
 * Payloads are views into `segment`.
 */
export function* readSegment(segment: Buffer): Generator<WalRecord, readonly Damage[]> {
  const damage: Damage[] = [];
  let offset = 0;
  while (offset < segment.length) {
    const header = decodeHeader(segment, offset);
    const start = offset + HEADER_BYTES;
    const end = header ? start + header.payloadBytes : 0;
    if (header && end <= segment.length) {
      const payload = segment.subarray(start, end);
      if (crc32(payload) === header.payloadCrc) yield { seq: header.seq, payload };
      else damage.push(corrupt(offset, end, `record ${header.seq}: its payload does not match its checksum`));
      offset = end;
      continue;
    }
    const next = header ? -1 : findHeader(segment, offset + 1);
    if (next >= 0) damage.push(corrupt(offset, next, 'no valid record header'));
    else if (!isZero(segment, offset)) damage.push(torn(offset, segment.length));
    offset = next >= 0 ? next : segment.length;
  }
  return damage;
}

function corrupt(offset: number, end: number, reason: string): Damage {
  return { kind: 'corrupt', offset, bytes: end - offset, reason };
}

function torn(offset: number, end: number): Damage {
  return { kind: 'torn', offset, bytes: end - offset, reason: 'the last record was not written to its end' };
}

/** File systems may leave a tail of zeros behind a crash: space that was reserved and never written. */
function isZero(segment: Buffer, from: number): boolean {
  for (let i = from; i < segment.length; i++) if (segment[i] !== 0) return false;
  return true;
}
