import type { WalRecord } from '../../../storage/wal/record.js';
import { openNameless, streamEndsOf } from '../../../wire/entries.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import { parseLabelText } from '../../../wire/label-text.js';
import type { Labels } from '../../../wire/labels.js';
import type { LiveBatch, LiveStream } from '../../../wire/messages/live.js';
import type { RowsBatch, TenantRows } from '../flush-plan.js';
import { LabelIndex } from '../label-index.js';
import type { FoundSegment } from './choose.js';
import type { SegmentDigest, TenantDigest } from './digest.js';

/** What a tenant has in a segment of the log. */
export class LoggedTenant {
  readonly index = new LabelIndex();
  /** By id. */
  readonly streams: readonly LiveStream[];
  readonly #digest: TenantDigest;
  /** Its records, while they are in memory. */
  #batches: readonly (SharedArrayBuffer | null)[] = [];

  constructor(digest: TenantDigest, labelsOf: LabelReader) {
    this.#digest = digest;
    this.streams = digest.streams.map((stream) => {
      const labels = labelsOf(stream.key);
      return { ...stream, labels, id: this.index.add(labels) };
    });
  }

  /** Null where a record is lost. */
  load(batches: readonly (SharedArrayBuffer | null)[]): void {
    this.#batches = batches;
  }

  unload(): void {
    this.#batches = [];
  }

  /** Batches that have rows of the asked streams, and which: triples (fromRow, toRow, place among those asked). */
  batchesWith(streams: Int32Array): LiveBatch[] {
    const asked = new Int32Array(this.streams.length).fill(-1);
    streams.forEach((id, place) => {
      if (id < asked.length) asked[id] = place;
    });
    return this.#batches.flatMap((batch, i) => {
      if (batch === null) return [];
      const runs: number[] = [];
      this.#eachRun(batch, i, (from, to, stream) => {
        const place = asked[stream]!;
        if (place >= 0) runs.push(from, to, place);
      });
      return runs.length > 0 ? { batch, runs: Int32Array.from(runs) } : [];
    });
  }

  rows(): TenantRows {
    const { tenant, streamIds } = this.#digest;
    const runs = new Int32Array(4 * streamIds.length);
    let at = 0;
    const batches: RowsBatch[] = [];
    this.#batches.forEach((buffer, i) => {
      if (buffer === null) return;
      this.#eachRun(buffer, i, (from, to, stream) => {
        runs[at] = batches.length;
        runs[at + 1] = from;
        runs[at + 2] = to;
        runs[at + 3] = stream;
        at += 4;
      });
      const entries = openNameless(buffer);
      batches.push({ entries, words: new Int32Array(buffer, entries.times.byteOffset, 2 * entries.rows) });
    });
    const hasLost = batches.length < this.#batches.length;
    return { tenant, batches, streams: this.streams, runs: runs.slice(0, at), hasLost };
  }

  #eachRun(batch: SharedArrayBuffer, i: number, visit: (from: number, to: number, stream: number) => void): void {
    const { streamIds, idEnds } = this.#digest;
    const first = i === 0 ? 0 : idEnds[i - 1]!;
    const ends = streamEndsOf(batch);
    let from = 0;
    for (let s = 0; s < ends.length; s++) {
      const to = ends[s]!;
      if (to > from) visit(from, to, streamIds[first + s]!);
      from = to;
    }
  }
}

/**
 * A segment of the log that a restart found and that was too much for memory: known by its streams, and read from the log when
 * it is asked for. It has no entry twice: a push was compared with all that was in its memory, which had all records of the
 * segment of which no object had any.
 */
export class LoggedTable {
  readonly id: number;
  readonly fromSeq: number;
  /** Of the segment. */
  readonly name: string;
  /** Tables of the same have no entry in common, see `stretchesOf`. */
  readonly stretch: number;
  readonly tenants: ReadonlyMap<string, LoggedTenant>;
  readonly rows: number;
  readonly rawBytes: number;
  readonly #digest: SegmentDigest;
  #loadedBytes = 0;
  #isLoaded = false;
  /** How many of its records are not there any more, as far as that is known. */
  #lost = 0;
  /** All of it is in objects; only queries that hold it may still read it. */
  dropped = false;

  constructor(
    { id, fromSeq, stretch }: Pick<LoggedTable, 'id' | 'fromSeq' | 'stretch'>,
    { name, made }: FoundSegment,
    labelsOf: LabelReader = newLabelReader(),
  ) {
    this.id = id;
    this.fromSeq = fromSeq;
    this.stretch = stretch;
    this.name = name;
    this.#digest = made;
    this.tenants = new Map(made.tenants.map((digest) => [digest.tenant, new LoggedTenant(digest, labelsOf)]));
    this.rows = made.tenants.reduce((sum, { rows }) => sum + rows, 0);
    this.rawBytes = made.tenants.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
  }

  /** How many the segment had. */
  get records(): number {
    return this.#digest.seqs.length;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** What of it is in memory. */
  get memoryBytes(): number {
    return this.#loadedBytes;
  }

  /**
   * Takes its records, each of which has memory of its own; others than those that were found at the start are not of it. How many
   * of these turn out to be lost.
   */
  load(records: readonly WalRecord[]): number {
    const { seqs, tenantOf, tenants } = this.#digest;
    const found = new Map(records.map(({ seq, payload }) => [seq, payload]));
    const batches = tenants.map((): (SharedArrayBuffer | null)[] => []);
    let [bytes, lost] = [0, 0];
    seqs.forEach((seq, i) => {
      const [payload, tenant] = [found.get(seq), tenantOf[i]!];
      if (tenant < 0) return;
      const own = batches[tenant]!;
      if (payload && payload.length === tenants[tenant]!.lengths[own.length]) {
        own.push(payload.buffer as SharedArrayBuffer);
        bytes += payload.length;
      } else {
        own.push(null);
        lost++;
      }
    });
    this.#isLoaded = true;
    this.#loadedBytes = bytes;
    tenants.forEach(({ tenant }, i) => void this.tenants.get(tenant)!.load(batches[i]!));
    const more = lost - this.#lost;
    this.#lost = Math.max(this.#lost, lost);
    return Math.max(more, 0);
  }

  unload(): void {
    this.#isLoaded = false;
    this.#loadedBytes = 0;
    for (const tenant of this.tenants.values()) tenant.unload();
  }
}

export type LabelReader = (key: string) => Labels;

/** One set of labels for each text, whatever table asks. */
export function newLabelReader(): LabelReader {
  const known = new Map<string, Labels>();
  return (key) =>
    getOrCreate(known, key, () => {
      const labels = parseLabelText(key);
      if (!labels) throw new RangeError(`not a label set: ${key.slice(0, 100)}`);
      return labels;
    });
}
