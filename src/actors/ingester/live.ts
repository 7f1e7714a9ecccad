/** Reading what is still in memory: a query names its streams once, then reads them, and holds what it named. */
import type { StreamMatcher } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Reply } from '../../wire/message.js';
import type { LiveBatch, LiveMemtable, LiveStream } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import { LoggedTable, type LoggedTenant } from './logged/logged-table.js';
import { type Memtable, type MemtableStream, type MemtableTenant, maxTimeOf, minTimeOf } from './memtable.js';

/** The first `batches` batches of one tenant in one memtable: what comes later is not part of it. */
interface MemorySnapshot {
  readonly table: Memtable;
  readonly tenant: MemtableTenant;
  readonly batches: number;
}

/** A tenant's part of a segment of the log. */
interface LoggedSnapshot {
  readonly table: LoggedTable;
  readonly tenant: LoggedTenant;
}

type Snapshot = MemorySnapshot | LoggedSnapshot;

/** What can be read, and the last sequence number in it. */
export interface Readable {
  readonly table: Memtable | LoggedTable;
  readonly toSeq: number;
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
  /** Snapshots of segments of the log that were released. */
  loggedReleased = 0;

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
    { table, toSeq }: Readable,
    request: { readonly tenant: string; readonly range: TimeRange; readonly matchers: readonly StreamMatcher[] },
    untilMs: number,
  ): LiveMemtable | null {
    const snapshot = snapshotOf(table, request.tenant);
    const streams = snapshot ? matchingStreams(snapshot, request.range, request.matchers) : [];
    if (!snapshot || streams.length === 0) return null;
    const key = `${this.#life}.${this.#nextKey++}`;
    this.#snapshots.set(key, snapshot);
    this.#hold(query, key, untilMs);
    const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
    const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
    const distinct = table instanceof LoggedTable && { distinct: `log ${table.stretch}` };
    return { snapshot: key, ...distinct, fromSeq: table.fromSeq, toSeq, streams, rows, bytes };
  }

  /** The segment of the log that has to be in memory before the snapshot can be read; null when it can be. */
  missing(key: string): LoggedTable | null {
    const table = this.#snapshots.get(key)?.table;
    return table instanceof LoggedTable && !table.isLoaded ? table : null;
  }

  holds(table: LoggedTable): boolean {
    for (const held of this.#snapshots.values()) if (held.table === table) return true;
    return false;
  }

  /** Records of the log below are not needed by any. */
  oldestLoggedSeq(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { table } of this.#snapshots.values()) {
      if (table instanceof LoggedTable && table.fromSeq < oldest) oldest = table.fromSeq;
    }
    return oldest;
  }

  /**
   * Batches that have rows of the asked streams, in order of arrival, and the labels of these streams; null when the
   * snapshot is not held (any more).
   */
  read(key: string, streams: Int32Array): Extract<Reply, { kind: 'live.batches' }> | null {
    const snapshot = this.#snapshots.get(key);
    if (!snapshot) return null;
    const labels = Array.from(streams, (id) => snapshot.tenant.streams[id]?.labels ?? []);
    const batches = 'batches' in snapshot ? collect(snapshot, streams) : snapshot.tenant.batchesWith(streams);
    return { kind: 'live.batches', batches, labels };
  }

  release(query: string): void {
    for (const key of this.#holds.get(query)?.snapshots ?? []) {
      if (this.#snapshots.get(key)?.table instanceof LoggedTable) this.loggedReleased++;
      this.#snapshots.delete(key);
    }
    this.#holds.delete(query);
  }

  /** Releases what queries left behind. */
  expire(nowMs: number): void {
    for (const [query, { untilMs }] of this.#holds) if (untilMs <= nowMs) this.release(query);
  }

  /** Memory of memtables that only queries still hold. */
  droppedBytes(): number {
    const dropped = new Set<Memtable>();
    for (const { table } of this.#snapshots.values()) {
      if (table.dropped && !(table instanceof LoggedTable)) dropped.add(table);
    }
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

function collect({ tenant, batches }: MemorySnapshot, streams: Int32Array): LiveBatch[] {
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

function snapshotOf(table: Readable['table'], name: string): Snapshot | null {
  if (table instanceof LoggedTable) {
    const tenant = table.tenants.get(name);
    return tenant ? { table, tenant } : null;
  }
  const tenant = table.tenants.get(name);
  return tenant ? { table, tenant, batches: tenant.batches.length } : null;
}

function matchingStreams(snapshot: Snapshot, range: TimeRange, matchers: readonly StreamMatcher[]): LiveStream[] {
  const { index } = snapshot.tenant;
  const { streams } = snapshot.tenant;
  const found: LiveStream[] = [];
  for (const id of index.match(matchers)) {
    const stream = streams[id]!;
    if ('owner' in stream) {
      if (minTimeOf(stream) < range.end && maxTimeOf(stream) >= range.start) found.push(liveStream(stream));
    } else if (stream.minTime < range.end && stream.maxTime >= range.start) found.push(stream);
  }
  return found;
}

function liveStream(of: MemtableStream): LiveStream {
  const { id, labels, stream, rows, bytes } = of;
  return { id, labels, key: stream.key, minTime: minTimeOf(of), maxTime: maxTimeOf(of), rows, bytes };
}
