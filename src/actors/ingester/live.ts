/** Reading what is still in memory: a query names its streams once, then reads them, and holds what it named. */
import type { StreamMatcher } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Reply } from '../../wire/message.js';
import type { LiveBatch, LiveMemtable, LiveStream } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import {
  type Memtable,
  type MemtableStream,
  type MemtableTenant,
  maxTimeOf,
  minTimeOf,
  type SealedMemtable,
} from './memtable.js';

/** The first `batches` batches of one tenant in one memtable: what comes later is not part of it. */
interface Snapshot {
  readonly table: Memtable;
  readonly tenant: MemtableTenant;
  readonly batches: number;
}

interface Hold {
  readonly snapshots: string[];
  untilMs: number;
}

/** Snapshots held by queries. A memtable that was flushed meanwhile stays readable through them. */
export class LiveSnapshots {
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #holds = new Map<string, Hold>();
  readonly #life: string;
  #nextKey = 1;

  /** Keys begin with `life`: a query may still ask for what it named before a restart, and must not get another's. */
  constructor(life: string) {
    this.#life = life;
  }

  get queries(): number {
    return this.#holds.size;
  }

  /** Null when no stream matches. */
  take(
    query: string,
    { table, toSeq }: SealedMemtable,
    request: { readonly tenant: string; readonly range: TimeRange; readonly matchers: readonly StreamMatcher[] },
    untilMs: number,
  ): LiveMemtable | null {
    const tenant = table.tenants.get(request.tenant);
    const streams = tenant ? matchingStreams(tenant, request.range, request.matchers) : [];
    if (!tenant || streams.length === 0) return null;
    const snapshot = `${this.#life}.${this.#nextKey++}`;
    this.#snapshots.set(snapshot, { table, tenant, batches: tenant.batches.length });
    this.#hold(query, snapshot, untilMs);
    const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
    const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
    return { snapshot, fromSeq: table.fromSeq, toSeq, streams, rows, bytes };
  }

  /**
   * Batches that have rows of the asked streams, in order of arrival, and the labels of these streams; null when the
   * snapshot is not held (any more).
   */
  read(key: string, streams: Int32Array): Extract<Reply, { kind: 'live.batches' }> | null {
    const snapshot = this.#snapshots.get(key);
    if (!snapshot) return null;
    const labels = Array.from(streams, (id) => snapshot.tenant.streams[id]?.labels ?? []);
    return { kind: 'live.batches', batches: collect(snapshot, streams), labels };
  }

  release(query: string): void {
    for (const key of this.#holds.get(query)?.snapshots ?? []) this.#snapshots.delete(key);
    this.#holds.delete(query);
  }

  /** Releases what queries left behind. */
  expire(nowMs: number): void {
    for (const [query, { untilMs }] of this.#holds) if (untilMs <= nowMs) this.release(query);
  }

  /** Memory of memtables that only queries still hold. */
  droppedBytes(): number {
    const dropped = new Set<Memtable>();
    for (const { table } of this.#snapshots.values()) if (table.dropped) dropped.add(table);
    let bytes = 0;
    for (const table of dropped) bytes += table.memoryBytes;
    return bytes;
  }

  #hold(query: string, snapshot: string, untilMs: number): void {
    const hold = getOrCreate(this.#holds, query, () => ({ snapshots: [], untilMs }));
    hold.snapshots.push(snapshot);
    hold.untilMs = untilMs;
  }
}

function collect({ tenant, batches }: Snapshot, streams: Int32Array): LiveBatch[] {
  const runs = new Map<number, number[]>();
  const quads = tenant.runs;
  streams.forEach((id, asked) => {
    for (const run of tenant.streams[id]?.runs ?? []) {
      const batch = quads[4 * run]!;
      if (batch >= batches) break;
      getOrCreate(runs, batch, () => []).push(quads[4 * run + 1]!, quads[4 * run + 2]!, asked);
    }
  });
  const indexes = [...runs.keys()].sort((a, b) => a - b);
  return indexes.map((index) => ({
    batch: tenant.batches[index]!.entries.buffer,
    runs: Int32Array.from(runs.get(index)!),
  }));
}

function matchingStreams(tenant: MemtableTenant, range: TimeRange, matchers: readonly StreamMatcher[]): LiveStream[] {
  const found: LiveStream[] = [];
  for (const id of tenant.index.match(matchers)) {
    const stream = tenant.streams[id]!;
    if (minTimeOf(stream) < range.end && maxTimeOf(stream) >= range.start) found.push(liveStream(stream));
  }
  return found;
}

function liveStream(of: MemtableStream): LiveStream {
  const { id, labels, stream, rows, bytes } = of;
  return { id, labels, key: stream.key, minTime: minTimeOf(of), maxTime: maxTimeOf(of), rows, bytes };
}
