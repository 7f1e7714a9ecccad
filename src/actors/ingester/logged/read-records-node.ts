import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { decodeHeader, HEADER_BYTES, type WalRecord } from '../../../storage/wal/record.js';

/**
 * The records of a segment from a number on, each read into the shared memory it stays in: without memory for the whole segment, and
 * without copying it. They end where it is not as it should be, so whoever knows how many there are has to compare. Throws when
 * the disk does not give it.
 */
export function readRecords(path: string, firstSeq: number): readonly WalRecord[] {
  const file = openSync(path, 'r');
  try {
    const records: WalRecord[] = [];
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(HEADER_BYTES);
    for (let offset = 0; readSync(file, bytes, 0, HEADER_BYTES, offset) === HEADER_BYTES; ) {
      const header = decodeHeader(bytes, 0, offset);
      if (!header || header.seq < firstSeq) break;
      offset += HEADER_BYTES + header.payloadBytes;
      if (offset > size) break;
      const payload = new Uint8Array(new SharedArrayBuffer(header.payloadBytes));
      const read = readSync(file, payload, 0, payload.length, offset - payload.length);
      if (read < payload.length || crc32(payload) !== header.payloadCrc) break;
      records.push({ seq: header.seq, payload });
    }
    return records;
  } finally {
    closeSync(file);
  }
}
