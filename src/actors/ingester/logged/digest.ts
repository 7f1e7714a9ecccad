import { decodeCopyHead } from '../../../storage/wal/copy-head.js';
import type { MakeOf } from '../../../storage/wal/segments.js';
import { BatchNames } from '../../../wire/batch-names.js';
import { type EntriesBatch, openEntries, openFirst, valueBytes } from '../../../wire/entries.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import { parseLabelText } from '../../../wire/label-text.js';
import type { Fingerprint } from '../recent.js';
import { ownMemory } from './own-memory.js';

/** What there is to know of a segment of the log without having it in memory. */
export interface SegmentDigest {
  /** Of its records; the first is above the last where there are none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Of each record. */
  readonly seqs: readonly number[];
  /** Of each record, where its tenant is in `tenants`; -1 of those that are intact and make no sense. */
  readonly tenantOf: readonly number[];
  readonly unreadable: number;
  /** Whether it has replicated parts, or records of an earlier version: then it is read as a whole. */
  readonly isMixed: boolean;
  readonly tenants: readonly TenantDigest[];
}

export interface TenantDigest {
  readonly tenant: string;
  readonly rows: number;
  /** Message and metadata bytes. */
  readonly rawBytes: number;
  readonly streams: readonly StreamDigest[];
  /** Of each of its records: by these it is known when it comes again. */
  readonly lengths: readonly number[];
  readonly fingerprints: readonly bigint[];
  /** Of each of its records, which of `streams` those in it are: streamIds[idEnds[i-1]..idEnds[i]]. */
  readonly streamIds: Int32Array;
  readonly idEnds: readonly number[];
}

export interface StreamDigest {
  /** Canonical label text. */
  readonly key: string;
  readonly rows: number;
  /** Message bytes. */
  readonly bytes: number;
  readonly minTime: bigint;
  readonly maxTime: bigint;
}

/** For one segment after the other. */
export function digesting(fingerprint: Fingerprint): MakeOf<SegmentDigest> {
  const opening = new Opening();
  return (records) => {
    const seqs = { firstSeq: Number.POSITIVE_INFINITY, lastSeq: 0 };
    const ascending: number[] = [];
    const tenantOf: number[] = [];
    const tenants = new Map<string, TenantSums>();
    let [unreadable, isMixed] = [0, false];
    for (const { seq, payload } of records) {
      seqs.firstSeq = Math.min(seqs.firstSeq, seq);
      seqs.lastSeq = Math.max(seqs.lastSeq, seq);
      ascending.push(seq);
      const record = opening.open(payload);
      const sums = record && getOrCreate(tenants, record.entries.tenant, (name) => new TenantSums(name, tenants.size));
      const isKnown = record && sums?.add(record.entries, record.bytes.length, fingerprint(record.bytes));
      if (!isKnown) unreadable++;
      isMixed ||= record?.isMixed === true;
      tenantOf.push(isKnown ? sums!.number : -1);
    }
    const made = [...tenants.values()].map((sums) => sums.digest());
    return { ...seqs, seqs: ascending, tenantOf, unreadable, isMixed, tenants: made };
  };
}

interface OpenedRecord {
  /** Until the next one is opened. */
  readonly entries: EntriesBatch;
  readonly bytes: Uint8Array;
  readonly isMixed: boolean;
}

/** Opens records one after the other in the same memory. */
class Opening {
  readonly #names = new BatchNames();
  #memory = new SharedArrayBuffer(FIRST_BYTES);

  /** Null when it makes no sense. */
  open(payload: Uint8Array): OpenedRecord | null {
    try {
      const headBytes = decodeCopyHead(payload)?.headBytes ?? 0;
      const bytes = payload.subarray(headBytes);
      if (bytes.length > this.#memory.byteLength) this.#memory = new SharedArrayBuffer(2 * bytes.length);
      new Uint8Array(this.#memory).set(bytes);
      const current = openFirst(this.#memory, bytes.length, this.#names);
      const entries = current ?? openEntries(ownMemory(bytes), this.#names);
      return { entries, bytes, isMixed: headBytes > 0 || current === null };
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }
}

const FIRST_BYTES = 1 << 17;

/** Times as words, high and low: without a BigInt for each row. */
interface StreamSums {
  readonly id: number;
  readonly key: string;
  rows: number;
  bytes: number;
  minHigh: number;
  minLow: number;
  maxHigh: number;
  maxLow: number;
}

class TenantSums {
  readonly number: number;
  readonly #tenant: string;
  #rows = 0;
  #rawBytes = 0;
  readonly #streams = new Map<string, StreamSums>();
  readonly #lengths: number[] = [];
  readonly #fingerprints: bigint[] = [];
  readonly #streamIds: number[] = [];
  readonly #idEnds: number[] = [];

  constructor(tenant: string, number: number) {
    this.#tenant = tenant;
    this.number = number;
  }

  /** False for a record that names a stream in a way nobody understands, which is left out. */
  add(entries: EntriesBatch, length: number, fingerprint: bigint): boolean {
    const { rows, streams, streamEnds, messages, times } = entries;
    const sums: StreamSums[] = [];
    for (const key of streams) {
      const known = this.#streams.get(key) ?? this.#register(key);
      if (known === null) return false;
      sums.push(known);
    }
    const words = new Int32Array(times.buffer, times.byteOffset, 2 * rows);
    let from = 0;
    for (let s = 0; s < sums.length; s++) {
      this.#streamIds.push(sums[s]!.id);
      addRows(sums[s]!, entries, words, from, streamEnds[s]!);
      from = streamEnds[s]!;
    }
    this.#idEnds.push(this.#streamIds.length);
    this.#rows += rows;
    this.#rawBytes += messages.length + valueBytes(entries, 0, rows);
    this.#lengths.push(length);
    this.#fingerprints.push(fingerprint);
    return true;
  }

  digest(): TenantDigest {
    const streams = [...this.#streams.values()].map(({ key, rows, bytes, ...sums }) => ({
      ...{ key, rows, bytes },
      minTime: timeOf(sums.minHigh, sums.minLow),
      maxTime: timeOf(sums.maxHigh, sums.maxLow),
    }));
    const known = { lengths: this.#lengths, fingerprints: this.#fingerprints };
    const ids = { streamIds: Int32Array.from(this.#streamIds), idEnds: this.#idEnds };
    return { tenant: this.#tenant, rows: this.#rows, rawBytes: this.#rawBytes, streams, ...known, ...ids };
  }

  /** Null when nobody understands the text. */
  #register(key: string): StreamSums | null {
    if (parseLabelText(key) === null) return null;
    const ends = { minHigh: AFTER_ALL, minLow: 0, maxHigh: BEFORE_ALL, maxLow: 0 };
    const sums = { id: this.#streams.size, key, rows: 0, bytes: 0, ...ends };
    this.#streams.set(key, sums);
    return sums;
  }
}

const AFTER_ALL = 2 ** 31;
const BEFORE_ALL = -(2 ** 31) - 1;

function addRows(
  sums: StreamSums,
  { messageOffsets }: EntriesBatch,
  words: Int32Array,
  from: number,
  to: number,
): void {
  sums.rows += to - from;
  sums.bytes += messageOffsets[to]! - messageOffsets[from]!;
  for (let row = from; row < to; row++) {
    const low = words[2 * row]! >>> 0;
    const high = words[2 * row + 1]!;
    if (high < sums.minHigh || (high === sums.minHigh && low < sums.minLow)) {
      sums.minHigh = high;
      sums.minLow = low;
    }
    if (high > sums.maxHigh || (high === sums.maxHigh && low > sums.maxLow)) {
      sums.maxHigh = high;
      sums.maxLow = low;
    }
  }
}

function timeOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
