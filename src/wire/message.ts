/**
 * Everything one actor may say to another. A new kind breaks every switch that forgets it. Each comment answers: who
 * sends it, when, what must have come before, and is it safe twice.
 *
 * Correlation, deadline and sender live in the envelope, never here. Buffers may be shared memory: in one process they
 * travel by reference, over a wire by copy.
 */
import type { Fault } from './fault.js';
import type { Labels } from './labels.js';
import type { DetectMessage, LabelsMessage, QueryMessage, ShardsMessage, VolumeMessage } from './messages/asking.js';
import type { TailMessage, TailSubscription } from './messages/following.js';
import type { GossipMessage } from './messages/gossip.js';
import type {
  LiveBatch,
  LiveReadMessage,
  LiveReleaseMessage,
  LiveResolveMessage,
  LiveSnapshot,
} from './messages/live.js';
import type { PatternsLearnMessage, PatternsMessage } from './messages/patterns.js';
import type { StreamClosed, StreamCredit, StreamData, StreamProbe } from './messages/stream.js';
import type {
  TaskAck,
  TaskAssign,
  TaskCancel,
  TaskStatus,
  WorkerHello,
  WorkerReady,
  WorkerWelcome,
  WorkflowAlive,
  WorkflowCancel,
  WorkflowDone,
  WorkflowRelease,
  WorkflowStart,
} from './messages/workflow.js';
import type {
  AppendMessage,
  AppendOwn,
  BatchesMessage,
  BatchesStatus,
  FlushMessage,
  PushMessage,
} from './messages/writing.js';
import type { DetectedField, DetectedLabel, IndexShard, IndexStats, PatternSeries, QueryAnswer } from './query.js';
import type { TailFrame } from './tail.js';

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
