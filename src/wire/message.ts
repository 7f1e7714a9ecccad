/**
 * Everything one actor may say to another. A new kind breaks every switch that forgets it. Each comment answers: who
 * sends it, when, what must have come before, and is it safe twice.
 *
 * Correlation, deadline and sender live in the envelope, never here. Buffers may be shared memory: in one process they
 * travel by reference, over a wire by copy.
 */
import type { BatchCopy, BatchId, OriginRanges } from './batch-copy.js';
import type { Fault } from './fault.js';
import type { Labels } from './labels.js';
import type { MemberRecord } from './membership.js';
import type {
  DetectedField,
  DetectedLabel,
  DetectRequest,
  IndexShard,
  IndexStats,
  MetadataRequest,
  PatternSeries,
  PatternsRequest,
  PushRequest,
  QueryAnswer,
  QueryRequest,
  ShardsRequest,
  VolumeRequest,
} from './query.js';
import type { DroppedEntry, TailFrame, TailRequest } from './tail.js';
import type { TimeRange } from './time.js';

export type Message =
  | PushMessage
  | AppendMessage
  | AppendOwn
  | BatchesMessage
  | FlushMessage
  | LiveResolveMessage
  | LiveReadMessage
  | LiveReleaseMessage
  | QueryMessage
  | LabelsMessage
  | VolumeMessage
  | ShardsMessage
  | DetectMessage
  | PatternsLearnMessage
  | PatternsMessage
  | TailMessage
  | TailSubscription
  | WorkerHello
  | WorkerWelcome
  | WorkerReady
  | WorkflowStart
  | WorkflowAlive
  | WorkflowCancel
  | WorkflowDone
  | WorkflowRelease
  | TaskAssign
  | TaskCancel
  | TaskStatus
  | TaskAck
  | StreamData
  | StreamProbe
  | StreamCredit
  | StreamClosed
  | GossipMessage;

/** Answers to an ask: the only outcomes besides no answer at all. */
export type Reply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'batches.status'; readonly status: BatchesStatus }
  | { readonly kind: 'live'; readonly snapshot: LiveSnapshot }
  | { readonly kind: 'live.batches'; readonly batches: readonly LiveBatch[]; readonly labels: readonly Labels[] }
  | { readonly kind: 'answer'; readonly answer: QueryAnswer }
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly warnings?: readonly string[] }
  | { readonly kind: 'series'; readonly series: readonly Labels[]; readonly warnings?: readonly string[] }
  | { readonly kind: 'stats'; readonly stats: IndexStats; readonly warnings?: readonly string[] }
  | {
      readonly kind: 'detected.labels';
      readonly labels: readonly DetectedLabel[];
      readonly warnings?: readonly string[];
    }
  | {
      readonly kind: 'detected.fields';
      readonly fields: readonly DetectedField[];
      readonly warnings?: readonly string[];
    }
  | { readonly kind: 'shards'; readonly shards: readonly IndexShard[]; readonly warnings?: readonly string[] }
  | { readonly kind: 'patterns'; readonly patterns: readonly PatternSeries[] }
  | { readonly kind: 'tail.opened'; readonly tail: string }
  | { readonly kind: 'tail.frame'; readonly frame: TailFrame };

// --- Writing ---------------------------------------------------------------------------------------------------------

/** api -> distributor, an ask; answered `ok` once everything accepted is durable. Twice is safe: equal entries merge. */
export interface PushMessage {
  readonly kind: 'push';
  readonly request: PushRequest;
}

/**
 * distributor -> ingester, or holder -> owner that does not know it; an ask, answered `ok` after the WAL sync that covers
 * it. Twice is safe: equal entries merge, and a part that is held is held once.
 */
export interface AppendMessage {
  readonly kind: 'append';
  /** An encoded entries batch (wire/entries.ts). */
  readonly batch: SharedArrayBuffer;
  /** Where entries are replicated: whether this instance owns the part or holds it. */
  readonly copy?: BatchCopy;
  /** Sent by a holder: the part was let in before, so no limit applies. */
  readonly again?: true;
}

/**
 * distributor -> ingester that holds the part, an ask: its owner did not answer, own it. Answered `ok` once that is
 * durable, `not-found` when the part is not held. Twice is safe.
 */
export interface AppendOwn extends BatchId {
  readonly kind: 'append.own';
}

export type BatchesMessage = BatchesRelease | BatchesOwned | BatchesAsk;

/** owner -> replicas, a tell: objects have these parts, hold them no longer. Safe twice; lost: `batches.ask` finds out. */
export interface BatchesRelease {
  readonly kind: 'batches.release';
  readonly batches: readonly OriginRanges[];
}

/** New owner -> replicas, a tell after it has taken parts over: release comes from me. Safe twice; the last one counts. */
export interface BatchesOwned {
  readonly kind: 'batches.owned';
  readonly owner: string;
  readonly batches: readonly OriginRanges[];
}

/**
 * holder -> owner, an ask now and then, and owner -> replicas after a restart: what do you know of these parts? Answered
 * `batches.status`. Reading only: safe twice.
 */
export interface BatchesAsk {
  readonly kind: 'batches.ask';
  readonly batches: readonly OriginRanges[];
}

/** Each part is in at most one list; it is in none when it is unknown. */
export interface BatchesStatus {
  /** An object has them. */
  readonly stored: readonly OriginRanges[];
  /** In the memtable of the one who answers, or on its way there. */
  readonly owned: readonly OriginRanges[];
  readonly held: readonly OriginRanges[];
}

/** api -> ingester, an ask; answered `ok` when all that was in memory is in objects the table of contents lists. */
export interface FlushMessage {
  readonly kind: 'flush';
}

// --- Reading what is still in memory ---------------------------------------------------------------------------------

/** querier -> ingester, an ask at planning; answered `live`. Freezes what it names until released or timed out. */
export interface LiveResolveMessage {
  readonly kind: 'live.resolve';
  readonly tenant: string;
  readonly range: TimeRange;
  readonly matchers: readonly {
    readonly name: string;
    readonly op: '=' | '!=' | '=~' | '!~';
    readonly value: string;
  }[];
  /** Names the query, for `live.release`. */
  readonly query: string;
  /** Ingesters that do not answer: what is held of parts they may own is wanted too, as memtables of its own. */
  readonly heldOf?: readonly string[];
}

/** Memory of one ingester that matches a selector, oldest memtable first. */
export interface LiveSnapshot {
  readonly ingester: string;
  readonly memtables: readonly LiveMemtable[];
  /** Everything up to this WAL sequence number was in memory or in objects when the question was answered. */
  readonly throughSeq?: number;
  /** Ingesters that may own parts of this tenant it holds: whoever cannot reach one of them asks again with `heldOf`. */
  readonly holdsOf?: readonly string[];
  /** Its log was damaged, or new, when it last started: it may lack parts of its own that others hold, and does not know. */
  readonly doubtful?: true;
  /** It was damaged: of these parts one replica less is left than there were. */
  readonly damaged?: true;
}

export interface LiveMemtable {
  /** Key for `live.read`. */
  readonly snapshot: string;
  /**
   * Made of held parts that were sent to the instances named here, as all holders name them; one of these owns each. Its
   * sequence numbers mean nothing to a table of contents. It has no entry twice, though others may have the same ones.
   */
  readonly held?: string;
  /** First and last WAL sequence number inside, for comparison with `source` in the table of contents. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly streams: readonly LiveStream[];
  readonly rows: number;
  readonly bytes: number;
}

export interface LiveStream {
  readonly id: number;
  readonly labels: Labels;
  /** Canonical label text: identity across memtables and objects. */
  readonly key: string;
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * worker -> ingester, an ask while a live scan runs; answered `live.batches`, or a fault when the snapshot is not held
 * (any more): the query then looks everything up anew. Safe twice.
 */
export interface LiveReadMessage {
  readonly kind: 'live.read';
  readonly snapshot: string;
  readonly streams: Int32Array;
}

/** One entries batch with the row runs that belong to the asked streams: triples (fromRow, toRow, stream index). */
export interface LiveBatch {
  readonly batch: SharedArrayBuffer;
  readonly runs: Int32Array;
}

/** querier -> ingester, a tell when the query has ended. Safe twice. */
export interface LiveReleaseMessage {
  readonly kind: 'live.release';
  readonly query: string;
}

// --- Asking ----------------------------------------------------------------------------------------------------------

/** api -> querier, an ask; answered `answer` or `fault`. Reading only: safe twice. */
export interface QueryMessage {
  readonly kind: 'query';
  readonly request: QueryRequest;
  /** Aborts when the caller goes away. Over a wire the router says so, and the message has a signal of that side. */
  readonly signal?: AbortSignal;
}

/** api -> querier, an ask; answered `names`, `series`, `stats` or `detected.labels`. Reading only: safe twice. */
export interface LabelsMessage {
  readonly kind: 'labels';
  readonly what: 'labels' | 'values' | 'series' | 'stats' | 'detected-labels';
  readonly request: MetadataRequest;
  /** The label of `values`. */
  readonly name: string;
}

/** api -> querier, an ask; answered `answer` with a vector or a matrix. Reading only: safe twice. */
export interface VolumeMessage {
  readonly kind: 'volume';
  readonly request: VolumeRequest;
}

/** api -> querier, an ask; answered `shards`. Reading only: safe twice. */
export interface ShardsMessage {
  readonly kind: 'shards';
  readonly request: ShardsRequest;
}

/** api -> querier, an ask; answered `detected.fields`, with a name `names`. Reading only: safe twice. */
export interface DetectMessage {
  readonly kind: 'detect';
  readonly request: DetectRequest;
  /** The field whose values are asked for; '' for all fields. */
  readonly name: string;
  /** As in `query`. */
  readonly signal?: AbortSignal;
}

// --- Log patterns ----------------------------------------------------------------------------------------------------

/** distributor -> patterns, a tell after the batch is durable. Twice counts its lines twice; lost does not count them. */
export interface PatternsLearnMessage {
  readonly kind: 'patterns.learn';
  /** An encoded entries batch (wire/entries.ts). */
  readonly batch: SharedArrayBuffer;
}

/** api -> patterns, an ask; answered `patterns` or `fault`. Reading only: safe twice. */
export interface PatternsMessage {
  readonly kind: 'patterns';
  readonly request: PatternsRequest;
}

// --- Following a query -----------------------------------------------------------------------------------------------

export type TailMessage = TailOpen | TailNext | TailClose;
export type TailSubscription = TailSubscribe | TailData | TailCredit | TailUnsubscribe;

/** api -> tailer, an ask; answered `tail.opened` or `fault`. Twice opens two. */
export interface TailOpen {
  readonly kind: 'tail.open';
  readonly request: TailRequest;
}

/**
 * api -> tailer, an ask, one at a time; answered `tail.frame` when there is something or nothing came for a while, `fault`
 * once the tail has ended. Keeps the tail open. Twice: the first is answered with nothing.
 */
export interface TailNext {
  readonly kind: 'tail.next';
  readonly tail: string;
}

/** api -> tailer, a tell when the reader has left. Safe twice. */
export interface TailClose {
  readonly kind: 'tail.close';
  readonly tail: string;
}

/**
 * tailer -> ingester, an ask; answered `ok`. From then on the subscriber is told what is appended to matching streams.
 * Twice renews the lease: without that it ends.
 */
export interface TailSubscribe {
  readonly kind: 'tail.subscribe';
  readonly tenant: string;
  readonly matchers: LiveResolveMessage['matchers'];
  /** Address that `tail.data` goes to; names the subscription. */
  readonly subscriber: string;
}

/**
 * ingester -> tailer, a tell after the batches are durable and seen by queries. Lost: the next one's number says so, and
 * the tailer asks the querier for what it missed.
 */
export interface TailData {
  readonly kind: 'tail.data';
  readonly ingester: string;
  /** Counts what the subscription was told, from 0. */
  readonly number: number;
  /** In order of sequence numbers; stream indexes of their runs are into `labels`. */
  readonly batches: readonly (LiveBatch & { readonly seq: number })[];
  readonly labels: readonly Labels[];
  /** To be given back with `tail.credit`. */
  readonly bytes: number;
  /** Entries that were not sent since the last time because too many bytes were out; not necessarily all of them. */
  readonly dropped: readonly DroppedEntry[];
}

/** tailer -> ingester, a tell: so many bytes have been dealt with. */
export interface TailCredit {
  readonly kind: 'tail.credit';
  readonly subscriber: string;
  readonly bytes: number;
}

/** tailer -> ingester, a tell when the tail has ended. Safe twice. */
export interface TailUnsubscribe {
  readonly kind: 'tail.unsubscribe';
  readonly subscriber: string;
}

// --- Running workflows -----------------------------------------------------------------------------------------------

/** One run of a task. A task that is run again has the next attempt; the first is 0. */
export interface TaskRef {
  readonly task: string;
  readonly attempt: number;
}

/**
 * worker -> every scheduler, at its start and as its heartbeat: registers the worker and reconciles what both believe.
 * Answered by `worker.welcome`. Safe twice and late.
 */
export interface WorkerHello {
  readonly kind: 'worker.hello';
  /** Greater for every life of a worker at one address: tasks of an earlier one are lost. */
  readonly incarnation: number;
  /** Scan tasks it may run at once for this scheduler: its slots but for those that other schedulers use. */
  readonly scanSlots: number;
  /** What it runs for this scheduler. */
  readonly running: readonly TaskRef[];
  /** It stops; its tasks are given up. */
  readonly leaving?: true;
}

/** scheduler -> worker, answers a hello: I am here, and of what you run I do not know these: give them up. Safe twice. */
export interface WorkerWelcome {
  readonly kind: 'worker.welcome';
  readonly unknown: readonly TaskRef[];
}

/** worker -> scheduler, when `scanSlots` of its hello has changed: what it is now. Safe twice; lost: the next hello says it. */
export interface WorkerReady {
  readonly kind: 'worker.ready';
  readonly slots: number;
}

/**
 * querier -> scheduler, an ask: run these tasks and send the results stream to `receiver`. Answered `ok` when it is known;
 * a refusal comes as `workflow.done`. One per workflow id, safe twice.
 */
export interface WorkflowStart {
  readonly kind: 'workflow.start';
  readonly workflow: string;
  readonly tenant: string;
  /** Tasks as made by planning/workflow; opaque here, since wire knows no plans. */
  readonly tasks: readonly TaskManifest[];
  readonly results: string;
  /** Where `workflow.done` goes. The results stream goes to the address of that stream. */
  readonly receiver: string;
  /** Log queries: so many rows are enough; scans that cannot hold any of them need not run. */
  readonly enough?: { readonly rows: number; readonly ascending: boolean };
  readonly run: RunOptions;
}

/**
 * querier -> scheduler, as a heartbeat while the workflow runs, and back: still here. A scheduler that does not know the
 * workflow answers `workflow.done`. Safe twice.
 */
export interface WorkflowAlive {
  readonly kind: 'workflow.alive';
  readonly workflow: string;
}

/** What all tasks of a query are told alike. */
export interface RunOptions {
  /** Observe every operator, for `explain=analyze`. */
  readonly analyze: boolean;
  /** The one `now` of the query, for templates. */
  readonly now: bigint;
  /** Neither take nor keep results of scans. */
  readonly noCache?: true;
}

export interface TaskManifest {
  readonly id: string;
  readonly fragment: unknown;
  readonly sources: readonly (readonly string[])[];
  readonly sink: string;
  readonly scan: boolean;
  readonly cost: number;
  /** Newest and oldest time of its data, for releasing scans in time order and stopping early. */
  readonly maxTimeRange?: TimeRange;
  /** Tasks of the same name go to the same worker where that costs nothing: it may still have what they read. */
  readonly affinity?: string;
  /** So small that the worker runs it itself, on no thread. */
  readonly inPlace?: boolean;
}

/** querier -> scheduler: stop everything of this workflow. Safe twice, and safe before or after its end. */
export interface WorkflowCancel {
  readonly kind: 'workflow.cancel';
  readonly workflow: string;
  readonly reason: string;
}

/** scheduler -> querier, when every task has ended, and again until `workflow.release`. The first counts. */
export interface WorkflowDone {
  readonly kind: 'workflow.done';
  readonly workflow: string;
  readonly fault?: Fault;
  readonly reports: readonly TaskReport[];
  /** The fault is none of the query's: run from its beginning, elsewhere or here, it may go well. */
  readonly again?: true;
  /** Scan tasks that were never run because enough rows were certain. */
  readonly skipped: number;
  readonly queueMs: number;
}

/** querier -> scheduler: `workflow.done` has come. Safe twice. */
export interface WorkflowRelease {
  readonly kind: 'workflow.release';
  readonly workflow: string;
}

/** scheduler -> worker, and again until a hello names it or its status comes. Twice: the second is ignored. */
export interface TaskAssign {
  readonly kind: 'task.assign';
  /** Of the worker it is meant for; any other one ignores it. */
  readonly incarnation: number;
  readonly workflow: string;
  readonly tenant: string;
  readonly task: TaskManifest;
  readonly attempt: number;
  /** Attempts of this task below it are void; between it and `attempt` another one may run at the same time. */
  readonly floor: number;
  /** Where the receiver of its stream listens. */
  readonly receiver: string;
  readonly run: RunOptions;
  /** Log queries: so many rows up to this time are certain that the task need not look beyond it. */
  readonly bound?: bigint;
}

/** scheduler -> worker: give the task up, free everything, say `task.status`. Safe twice, and before its assign. */
export interface TaskCancel extends TaskRef {
  readonly kind: 'task.cancel';
}

/**
 * worker -> scheduler, when its attempt has ended and its stream needs no sender any more; again until `task.ack`. The
 * first of an attempt counts. `superseded`: the receiver has already used frames of another attempt.
 */
export interface TaskStatus extends TaskRef {
  readonly kind: 'task.status';
  readonly status: 'completed' | 'cancelled' | 'failed' | 'superseded';
  readonly fault?: Fault;
  readonly report: TaskReport;
}

/** scheduler -> worker: the status of that attempt has come. Safe twice. */
export interface TaskAck extends TaskRef {
  readonly kind: 'task.ack';
}

/** What a task did: sums for statistics, and per operator for `explain=analyze`. */
export interface TaskReport {
  readonly rowsScanned: number;
  readonly bytesScanned: number;
  readonly metadataBytesScanned: number;
  readonly rowsKept: number;
  readonly pages: number;
  readonly pagesPruned: number;
  readonly liveRows: number;
  readonly operators: readonly OperatorReport[];
  /** Log queries: rows sent and the time of the last of them, so that the runner knows when K rows are certain. */
  readonly emitted?: { readonly rows: number; readonly lastTime: bigint };
  /** Whether the result was in the worker's cache; absent where it could not be. */
  readonly cache?: 'found' | 'stored' | 'missed';
}

export interface OperatorReport {
  readonly operator: string;
  readonly depth: number;
  readonly rowsOut: number;
  readonly batches: number;
  readonly milliseconds: number;
  readonly notes?: string;
}

/** sender of a stream -> its receiver; within the limit granted; numbered from 0. Safe twice and in any order. */
export interface StreamData {
  readonly kind: 'stream.data';
  readonly stream: string;
  readonly attempt: number;
  readonly sequence: number;
  /** An Arrow IPC frame (wire/arrow-frame.ts). */
  readonly frame: Uint8Array;
}

/**
 * sender -> receiver, before the first frame of an attempt that is not the first, and when nothing has been heard for a
 * while: so many frames have been sent. Answered by `stream.credit`. Safe twice.
 */
export interface StreamProbe {
  readonly kind: 'stream.probe';
  readonly stream: string;
  readonly attempt: number;
  /** As in `task.assign`. */
  readonly floor: number;
  readonly frames: number;
}

/** receiver -> sender: acknowledges and grants, in absolute numbers. Safe twice and in any order. */
export interface StreamCredit {
  readonly kind: 'stream.credit';
  readonly stream: string;
  readonly attempt: number;
  /** All frames below have come. */
  readonly next: number;
  /** Frames below may be sent. */
  readonly limit: number;
  /** What was sent of `next` and above is lost. */
  readonly missing?: true;
  /** `complete`: the receiver has all there is and needs no sender. `superseded`: it has used another attempt's frames. */
  readonly verdict?: 'complete' | 'superseded';
}

/**
 * sender -> receiver after the last frame, or scheduler -> receiver for a task that is skipped; again until a credit says
 * that the stream is complete. Safe twice.
 */
export interface StreamClosed {
  readonly kind: 'stream.closed';
  readonly stream: string;
  readonly attempt: number;
  /** Frames sent in all, so the receiver knows whether it has everything. */
  readonly frames: number;
}

// --- Membership ------------------------------------------------------------------------------------------------------

export type GossipMessage = GossipPing | GossipPingRequest | GossipAck | GossipNews | GossipSync;

/** membership -> membership, once a probe interval: are you there? Answered by `gossip.ack`. Safe twice. */
export interface GossipPing {
  readonly kind: 'gossip.ping';
  readonly sequence: number;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, when a ping got no answer: ping `target` for me. Safe twice. */
export interface GossipPingRequest {
  readonly kind: 'gossip.ping-req';
  readonly sequence: number;
  readonly target: string;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership: I am there, or, after a `ping-req`, the other one is. Safe twice, or never asked for. */
export interface GossipAck {
  readonly kind: 'gossip.ack';
  readonly sequence: number;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, a few members a few times a second while there is any. Safe twice. */
export interface GossipNews {
  readonly kind: 'gossip.news';
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, when joining, leaving and now and then: everyone I know; without `answer`, tell me yours. */
export interface GossipSync {
  readonly kind: 'gossip.sync';
  readonly members: readonly MemberRecord[];
  readonly answer: boolean;
}
