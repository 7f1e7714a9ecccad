import { type Disk, diskErrorCode } from '../disk.js';
import type { WalRecord } from './record.js';
import { type Damage, readSegment } from './replay.js';
import { segmentNumbers } from './segment.js';

/** What is made of a segment's records; their payloads are views into memory that is used again. */
export type MakeOf<T> = (records: Iterable<WalRecord>) => T;

/** A segment as it was read. */
export interface SegmentRead<T> {
  readonly name: string;
  readonly bytes: number;
  /** No record in it that can be read is above; 0 where there is none. */
  readonly lastSeq: number;
  /** Those behind the ones that were truncated away: how many, the bytes of their payloads, and what was made of them. */
  readonly records: number;
  readonly payloadBytes: number;
  readonly made: T;
  readonly damage: readonly Damage[];
}

/**
 * Reads segments in the order of their names, but for records up to `afterSeq`. Never throws: one that the disk does not
 * give has no records and one damage.
 */
export type ReadSegments<T> = (names: readonly string[], afterSeq: number) => AsyncIterable<SegmentRead<T>>;

/** The next segment is read while one is being looked at; two buffers are used by turns. */
export function segmentsOf<T>(disk: Disk, make: MakeOf<T>): ReadSegments<T> {
  return async function* (names, afterSeq) {
    let spare: Buffer | undefined;
    let next = names[0] === undefined ? undefined : readWhole(disk, names[0]);
    for (let i = 0; next !== undefined; i++) {
      const whole = await next;
      const name = names[i + 1];
      next = name === undefined ? undefined : readWhole(disk, name, spare);
      yield madeOf(whole, afterSeq, make);
      spare = whole.buffer;
    }
  };
}

/** The bytes of a segment, or why there are none; `buffer` may be read into again. */
export interface WholeSegment {
  readonly name: string;
  readonly bytes: Buffer;
  readonly unreadable: string | null;
  readonly buffer: Buffer;
}

/** Never rejects. */
export async function readWhole(disk: Disk, name: string, into?: Buffer): Promise<WholeSegment> {
  try {
    const bytes = await disk.read(name, into);
    return { name, bytes, unreadable: null, buffer: into && into.buffer === bytes.buffer ? into : bytes };
  } catch (error) {
    return { name, bytes: NO_BYTES, unreadable: diskErrorCode(error), buffer: into ?? NO_BYTES };
  }
}

export function madeOf<T>(
  { name, bytes, unreadable }: WholeSegment,
  afterSeq: number,
  make: MakeOf<T>,
): SegmentRead<T> {
  const records = new RecordsAfter(bytes, segmentNumbers(name)?.firstSeq, afterSeq);
  const made = make(records);
  const { lastSeq, count, payloadBytes } = records;
  const damage = unreadable === null ? records.damage : [{ ...UNREADABLE, reason: unreadable }];
  return { name, bytes: bytes.length, lastSeq, records: count, payloadBytes, made, damage };
}

/** Counts what goes by. */
class RecordsAfter implements Iterable<WalRecord> {
  lastSeq = 0;
  count = 0;
  payloadBytes = 0;
  damage: readonly Damage[] = [];
  readonly #bytes: Buffer;
  readonly #firstSeq: number | undefined;
  readonly #afterSeq: number;

  /** Records below `firstSeq` are what an earlier use of the file left. */
  constructor(bytes: Buffer, firstSeq: number | undefined, afterSeq: number) {
    this.#bytes = bytes;
    this.#firstSeq = firstSeq;
    this.#afterSeq = afterSeq;
  }

  *[Symbol.iterator](): Generator<WalRecord> {
    const records = readSegment(this.#bytes, this.#firstSeq);
    let record = records.next();
    for (; !record.done; record = records.next()) {
      this.lastSeq = Math.max(this.lastSeq, record.value.seq);
      if (record.value.seq <= this.#afterSeq) continue;
      this.count++;
      this.payloadBytes += record.value.payload.length;
      yield record.value;
    }
    this.damage = record.value;
  }
}

const UNREADABLE = { kind: 'unreadable', offset: 0, bytes: 0 } as const;
const NO_BYTES = Buffer.alloc(0);
