/**
 * Everything one actor may say to another. A new kind breaks every switch that forgets it. Each comment answers: who
 * sends it, when, what must have come before, and is it safe twice.
 *
 * Correlation, deadline and sender live in the envelope, never here. Buffers may be shared memory: in one process they
 * travel by reference, over a wire by copy.
 */
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
import type { TimeRange } from './time.js';

export type Message =
  | PushMessage
  | AppendMessage
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
  | WorkerHello
  | WorkerReady
  | WorkflowStart
  | WorkflowCancel
  | WorkflowDone
  | TaskAssign
  | TaskCancel
  | TaskStatus
  | StreamBind
  | StreamData
  | StreamCredit
  | StreamClosed
  | GossipMessage;

/** Answers to an ask: the only outcomes besides no answer at all. */
export type Reply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'live'; readonly snapshot: LiveSnapshot }
  | { readonly kind: 'live.batches'; readonly batches: readonly LiveBatch[]; readonly labels: readonly Labels[] }
  | { readonly kind: 'answer'; readonly answer: QueryAnswer }
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly warnings?: readonly string[] }
  | { readonly kind: 'series'; readonly series: readonly Labels[]; readonly warnings?: readonly string[] }
  | { readonly kind: 'stats'; readonly stats: IndexStats; readonly warnings?: readonly string[] }
  | { readonly kind: 'detected.labels'; readonly labels: readonly DetectedLabel[] }
  | { readonly kind: 'detected.fields'; readonly fields: readonly DetectedField[] }
  | { readonly kind: 'shards'; readonly shards: readonly IndexShard[] }
  | { readonly kind: 'patterns'; readonly patterns: readonly PatternSeries[] };

// --- Writing ---------------------------------------------------------------------------------------------------------

/** api -> distributor, an ask; answered `ok` once everything accepted is durable. Twice is safe: equal entries merge. */
export interface PushMessage {
  readonly kind: 'push';
  readonly request: PushRequest;
}

/** distributor -> ingester, an ask; answered `ok` after the WAL sync that covers it. Twice is safe: equal entries merge. */
export interface AppendMessage {
  readonly kind: 'append';
  /** An encoded entries batch (wire/entries.ts). */
  readonly batch: SharedArrayBuffer;
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
}

/** Memory of one ingester that matches a selector, oldest memtable first. */
export interface LiveSnapshot {
  readonly ingester: string;
  readonly memtables: readonly LiveMemtable[];
}

export interface LiveMemtable {
  /** Key for `live.read`. */
  readonly snapshot: string;
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

/** worker -> ingester, an ask while a live scan runs; answered `live.batches`. Safe twice. */
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
  /** In one process: aborts when the caller goes away. Over a wire, a `query.cancel` by ask id takes its place. */
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

// --- Running workflows -----------------------------------------------------------------------------------------------

/** worker -> scheduler, once per connection and again after a scheduler restart: registers the worker. Safe twice. */
export interface WorkerHello {
  readonly kind: 'worker.hello';
  /** Scan tasks it may run at once. */
  readonly scanSlots: number;
}

/** worker -> scheduler: so many more scan tasks are welcome now. A saturated worker simply stays silent. */
export interface WorkerReady {
  readonly kind: 'worker.ready';
  readonly slots: number;
}

/** querier -> scheduler: run these tasks and send the results stream to `receiver`. One per workflow id. */
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

/** What all tasks of a query are told alike. */
export interface RunOptions {
  /** Observe every operator, for `explain=analyze`. */
  readonly analyze: boolean;
  /** The one `now` of the query, for templates. */
  readonly now: bigint;
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
}

/** querier -> scheduler: stop everything of this workflow. Safe twice, and safe before or after its end. */
export interface WorkflowCancel {
  readonly kind: 'workflow.cancel';
  readonly workflow: string;
  readonly reason: string;
}

/** scheduler -> querier, once, when every task has ended and nothing of the workflow is left. */
export interface WorkflowDone {
  readonly kind: 'workflow.done';
  readonly workflow: string;
  readonly fault?: Fault;
  readonly reports: readonly TaskReport[];
  /** Scan tasks that were never run because enough rows were certain. */
  readonly skipped: number;
  readonly queueMs: number;
}

/** scheduler -> worker, after `worker.ready` for scan tasks. Twice: the second is ignored. */
export interface TaskAssign {
  readonly kind: 'task.assign';
  readonly workflow: string;
  readonly tenant: string;
  readonly task: TaskManifest;
  readonly run: RunOptions;
  /** Log queries: so many rows up to this time are certain that the task need not look beyond it. */
  readonly bound?: bigint;
}

/** scheduler -> worker: give the task up, free everything. Safe twice. */
export interface TaskCancel {
  readonly kind: 'task.cancel';
  readonly task: string;
}

/** worker -> scheduler, exactly one terminal status counts: the first. */
export interface TaskStatus {
  readonly kind: 'task.status';
  readonly task: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  readonly fault?: Fault;
  readonly report: TaskReport;
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
}

export interface OperatorReport {
  readonly operator: string;
  readonly depth: number;
  readonly rowsOut: number;
  readonly batches: number;
  readonly milliseconds: number;
  readonly notes?: string;
}

/**
 * scheduler -> worker that sends on the stream, after its `task.assign`: the receiver listens at `receiver`. Comes before
 * any data flows. Safe twice.
 */
export interface StreamBind {
  readonly kind: 'stream.bind';
  readonly stream: string;
  readonly receiver: string;
}

/** sender of a stream -> its receiver; at most as many as credits granted; numbered from 0 so a lost one is noticed. */
export interface StreamData {
  readonly kind: 'stream.data';
  readonly stream: string;
  readonly sequence: number;
  /** An Arrow IPC frame (wire/arrow-frame.ts). */
  readonly frame: Uint8Array;
}

/** receiver -> sender: so many more frames may be sent. */
export interface StreamCredit {
  readonly kind: 'stream.credit';
  readonly stream: string;
  readonly credits: number;
}

/** sender -> receiver after the last frame, or scheduler -> receiver when the sender is gone. First one counts. */
export interface StreamClosed {
  readonly kind: 'stream.closed';
  readonly stream: string;
  /** Frames sent in all, so the receiver knows whether it has everything. */
  readonly frames: number;
  readonly fault?: Fault;
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
