import type { BuildInput } from '../../storage/dataobj/types.js';
import type { BatchCopy } from '../../wire/batch-copy.js';
import type { TenantLimits } from '../../wire/limits.js';
import { type Copies, newCopies } from './copies/copies.js';
import { DiscardedCounts } from './discarded.js';
import type { ReplyTo } from './events.js';
import { LiveSnapshots } from './live.js';
import { LoggedTable } from './logged/logged-table.js';
import { LoggedTables } from './logged/logged-tables.js';
import type { Memtable } from './memtable.js';
import { type Fingerprint, RecentAppends } from './recent.js';
import { StreamRegistry } from './registry.js';
import type { IngesterSettings } from './settings.js';
import type { Staged } from './staging.js';
import type { StoredBatch } from './stream.js';
import { TailSubscriptions } from './tails.js';
import type { Recovery } from './takeover.js';
import type { Undo } from './undo.js';

/**
 * starting -> running -> draining -> drained
 *
 * An append waits, is staged with others into a group, and becomes part of the active memtable when the group's sync is
 * done. The active memtable is sealed, flushed object by object, and dropped.
 */
export interface IngesterState {
  readonly settings: IngesterSettings;
  readonly limits: (tenant: string) => TenantLimits;
  /** Whether an instance is believed to be up, as of now. */
  readonly isUp: (instance: string) => boolean;
  readonly copies: Copies;
  readonly registry: StreamRegistry;
  readonly snapshots: LiveSnapshots;
  readonly logged: LoggedTables;
  readonly tails: TailSubscriptions;
  readonly discarded: DiscardedCounts;
  readonly recent: RecentAppends;
  readonly counters: IngesterCounters;
  phase: 'starting' | 'running' | 'draining' | 'drained';
  /** While starting: what the log held, until others have been asked about it. */
  recovery: Recovery | null;
  /** Until then it may lack parts of its own that holders still have to ask about; null when it lacks none. */
  doubtfulUntilMs: number | null;
  /** Whether it doubts because its log was damaged, and not because it is new. */
  isDamaged: boolean;
  /** For the next record. Never used twice, not even after a failed write: some of it may be on the disk. */
  nextSeq: number;
  /** No record up to here is in flight. */
  settledSeq: number;
  /** Records up to here are forgotten. */
  truncatedSeq: number;
  /** How much had been released when it was last looked whether the log is kept for anything that is. */
  releasedBefore: number;
  waiting: WaitingAppend[];
  waitingBytes: number;
  /** When appends began to wait for a flush; null while none does. */
  backloggedSinceMs: number | null;
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
  /** The part's name and owner where entries are replicated. */
  readonly copy?: BatchCopy;
  /** No limits apply: its holder is made its owner (`promoted`), or it was another instance's before (`again`). */
  readonly letIn?: 'promoted' | 'again';
}

export interface GroupMember {
  readonly append: WaitingAppend;
  readonly staged: Staged;
}

/** What one sync makes durable. */
export interface Group {
  readonly batches: readonly StoredBatch[];
  readonly members: readonly GroupMember[];
  readonly undo: Undo;
  readonly lastSeq: number;
  readonly bytes: number;
  /** Whether any of its appends has a name. */
  readonly replicated: boolean;
}

/** A memtable on its way into objects, or a part of the log. */
export interface Sealed {
  readonly table: Memtable | LoggedTable;
  /** The last sequence number it covers. */
  readonly toSeq: number;
  /** Objects still to be started, oldest window first. */
  readonly todo: BuildInput[];
  /** Whether it is known which these are; of a part of the log they are not until it is in memory. */
  isPlanned: boolean;
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
  /** Time in which appends waited for a flush. */
  backloggedMs: number;
  recoveredRows: number;
  recoveredBytes: number;
  unreadableRecords: number;
  /** Owned parts that have become stored. */
  partsStored: number;
  /** Held parts that are held no longer. */
  heldEnded: number;
  partsTakenOver: number;
  partsResent: number;
}

/** What a state is told about the world. */
export interface Surroundings {
  readonly limits: (tenant: string) => TenantLimits;
  readonly fingerprint: Fingerprint;
  /** Names this start of the ingester, like no other start of any: what was said by an earlier one means nothing to it. */
  readonly life: string;
  /** Whether an ingester is believed to be up, where entries are replicated. */
  readonly isUp?: (instance: string) => boolean;
}

export function initialState(
  settings: IngesterSettings,
  { limits, fingerprint, life, isUp = () => true }: Surroundings,
): IngesterState {
  return {
    settings,
    limits,
    isUp,
    copies: newCopies(settings),
    registry: new StreamRegistry(),
    snapshots: new LiveSnapshots(life),
    logged: new LoggedTables(),
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
      backloggedMs: 0,
      recoveredRows: 0,
      recoveredBytes: 0,
      unreadableRecords: 0,
      partsStored: 0,
      heldEnded: 0,
      partsTakenOver: 0,
      partsResent: 0,
    },
    phase: 'starting',
    recovery: null,
    doubtfulUntilMs: null,
    isDamaged: false,
    nextSeq: 1,
    settledSeq: 0,
    truncatedSeq: 0,
    releasedBefore: 0,
    waiting: [],
    waitingBytes: 0,
    backloggedSinceMs: null,
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
  for (const { table } of state.sealed) if (!(table instanceof LoggedTable)) bytes += table.memoryBytes;
  const { held, owned } = state.copies;
  return bytes + state.logged.memoryBytes + held.memoryBytes + owned.memoryBytes + state.snapshots.droppedBytes();
}
