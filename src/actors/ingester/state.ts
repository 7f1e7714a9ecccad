import type { BuildInput } from '../../storage/dataobj/types.js';
import type { TenantLimits } from '../../wire/limits.js';
import { DiscardedCounts } from './discarded.js';
import type { ReplyTo } from './events.js';
import { LiveSnapshots } from './live.js';
import type { Memtable, SealedMemtable } from './memtable.js';
import { type Fingerprint, RecentAppends } from './recent.js';
import { StreamRegistry } from './registry.js';
import type { IngesterSettings } from './settings.js';
import type { Staged } from './staging.js';
import type { Checkpoint, StoredBatch } from './stream.js';
import { TailSubscriptions } from './tails.js';

/**
 * starting -> running -> draining -> drained
 *
 * An append waits, is staged with others into a group, and becomes part of the active memtable when the group's sync is
 * done. The active memtable is sealed, flushed object by object, and dropped.
 */
export interface IngesterState {
  readonly settings: IngesterSettings;
  readonly limits: (tenant: string) => TenantLimits;
  readonly registry: StreamRegistry;
  readonly snapshots: LiveSnapshots;
  readonly tails: TailSubscriptions;
  readonly discarded: DiscardedCounts;
  readonly recent: RecentAppends;
  readonly counters: IngesterCounters;
  phase: 'starting' | 'running' | 'draining' | 'drained';
  /** For the next record. Never used twice, not even after a failed write: some of it may be on the disk. */
  nextSeq: number;
  /** No record up to here is in flight. */
  settledSeq: number;
  waiting: WaitingAppend[];
  waitingBytes: number;
  group: Group | null;
  /** First sequence number of the active memtable, existing or to be. */
  activeFromSeq: number;
  active: Memtable | null;
  memtables: number;
  /** Oldest first. */
  readonly sealed: Sealed[];
  readonly jobs: Map<number, FlushJob>;
  nextJob: number;
  flushFailures: number;
  /** No job starts before: set after a failure. */
  flushNotBeforeMs: number;
  flushAsks: FlushAsk[];
}

export interface WaitingAppend {
  readonly buffer: SharedArrayBuffer;
  readonly reply: ReplyTo;
  readonly receivedMs: number;
}

/** What one sync makes durable. */
export interface Group {
  readonly batches: readonly StoredBatch[];
  readonly answers: readonly (WaitingAppend & Staged)[];
  readonly undo: Checkpoint[];
  readonly lastSeq: number;
  readonly bytes: number;
}

/** A memtable on its way into objects. */
export interface Sealed extends SealedMemtable {
  /** Objects still to be started, oldest window first. */
  readonly todo: BuildInput[];
  running: number;
}

export interface FlushJob {
  readonly memtable: Sealed;
  readonly input: BuildInput;
}

/** Answered when no memtable up to this one is left. */
export interface FlushAsk {
  readonly reply: ReplyTo;
  readonly memtable: number;
}

/** Totals since the start. */
export interface IngesterCounters {
  appends: number;
  rowsAppended: number;
  duplicateRows: number;
  groups: number;
  groupsRefused: number;
  appendsRefused: number;
  objectsFlushed: number;
  objectBytesFlushed: number;
  flushFailures: number;
  recoveredRows: number;
  recoveredBytes: number;
  unreadableRecords: number;
}

export function initialState(
  settings: IngesterSettings,
  limits: (tenant: string) => TenantLimits,
  fingerprint: Fingerprint,
): IngesterState {
  return {
    settings,
    limits,
    registry: new StreamRegistry(),
    snapshots: new LiveSnapshots(),
    tails: new TailSubscriptions(settings),
    discarded: new DiscardedCounts(),
    recent: new RecentAppends(fingerprint, settings.retriesCountMax, settings.retriesAgeMs),
    counters: {
      appends: 0,
      rowsAppended: 0,
      duplicateRows: 0,
      groups: 0,
      groupsRefused: 0,
      appendsRefused: 0,
      objectsFlushed: 0,
      objectBytesFlushed: 0,
      flushFailures: 0,
      recoveredRows: 0,
      recoveredBytes: 0,
      unreadableRecords: 0,
    },
    phase: 'starting',
    nextSeq: 1,
    settledSeq: 0,
    waiting: [],
    waitingBytes: 0,
    group: null,
    activeFromSeq: 1,
    active: null,
    memtables: 0,
    sealed: [],
    jobs: new Map(),
    nextJob: 1,
    flushFailures: 0,
    flushNotBeforeMs: Number.NEGATIVE_INFINITY,
    flushAsks: [],
  };
}

/** Everything held in memory, in bytes. */
export function memoryInUse(state: IngesterState): number {
  let bytes = state.waitingBytes + (state.group?.bytes ?? 0) + (state.active?.memoryBytes ?? 0);
  for (const { table } of state.sealed) bytes += table.memoryBytes;
  return bytes + state.snapshots.droppedBytes();
}
