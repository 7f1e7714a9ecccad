/** Digests as bytes: a later version of Skald that wants another one gives it another number, and reads the segment. */
import type { SegmentRead } from '../../../storage/wal/segments.js';
import { decode, encode } from '../../../wire/codec.js';
import { MessageError } from '../../../wire/messagepack-check.js';
import { count, flag, int32s, int64, list, number, oneOf, record, text } from '../../../wire/shape.js';
import type { SegmentDigest, StreamDigest, TenantDigest } from './digest.js';

const VERSION = 1;

/** What a segment was when it was read as a whole, without damage. */
export type WholeRead = Omit<SegmentRead<SegmentDigest>, 'name' | 'damage'>;

const isRead = record<WholeRead & { readonly version: number }>({
  version: oneOf(VERSION),
  ...{ bytes: count, lastSeq: count, records: count, payloadBytes: count },
  made: record<SegmentDigest>({
    ...{ firstSeq: count, lastSeq: count, seqs: list(count), tenantOf: list(number), unreadable: count, isMixed: flag },
    tenants: list(
      record<TenantDigest>({
        ...{ tenant: text, rows: count, rawBytes: count, lengths: list(count), fingerprints: list(int64) },
        ...{ streamIds: int32s, idEnds: list(count) },
        streams: list(record<StreamDigest>({ key: text, rows: count, bytes: count, minTime: int64, maxTime: int64 })),
      }),
    ),
  }),
});

export function encodeDigest({ bytes, lastSeq, records, payloadBytes, made }: WholeRead): Uint8Array {
  return encode({ version: VERSION, bytes, lastSeq, records, payloadBytes, made });
}

/** Null when it is of another version. */
export function decodeDigest(encoded: Uint8Array): WholeRead | null {
  try {
    const read = decode(encoded);
    return isRead(read) ? (read as WholeRead) : null;
  } catch (error) {
    if (error instanceof MessageError) return null;
    throw error;
  }
}
