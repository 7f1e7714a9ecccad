/**
 * Whether what came over a wire is a message: every kind with every field, as message.ts has them; a field that is missing
 * here does not compile. What is opaque there (fragments) and results that only people read are left to whoever uses them.
 */
import type { BatchCopy, OriginRanges } from './batch-copy.js';
import type { Fault } from './fault.js';
import type { MemberDetails, MemberRecord } from './membership.js';
import type { Message, Reply } from './message.js';
import type { LiveBatch, LiveMemtable, LiveSnapshot, LiveStream } from './messages/live.js';
import type { OperatorReport, RunOptions, TaskManifest, TaskRef, TaskReport } from './messages/workflow.js';
import type { BatchesStatus } from './messages/writing.js';
import type {
  DetectRequest,
  MetadataRequest,
  PatternsRequest,
  PushRequest,
  QueryAnswer,
  QueryRequest,
  ShardsRequest,
  VolumeRequest,
} from './query.js';
import {
  anything,
  byKind,
  bytes,
  type Check,
  count,
  type FieldsOf,
  flag,
  int32s,
  int64,
  list,
  maybe,
  number,
  oneOf,
  record,
  shared,
  text,
  tuple,
} from './shape.js';
import type { DroppedEntry, TailFrame, TailRequest } from './tail.js';
import type { TimeRange } from './time.js';

/** Of one kind; signals do not travel. */
type Kind<Union extends { readonly kind: string }, K> = Omit<Extract<Union, { kind: K }>, 'kind' | 'signal'>;
type Kinds<Union extends { readonly kind: string }> = {
  readonly [K in Union['kind']]: FieldsOf<Kind<Union, K>>;
};

function kinds<Union extends { readonly kind: string }>(fields: Kinds<Union>): Check {
  const each = Object.entries<FieldsOf<object>>(fields as Record<string, FieldsOf<object>>);
  return byKind(Object.fromEntries(each.map(([kind, checks]) => [kind, record(checks)])));
}

const texts = list(text);
const labels = list(tuple(text, text));
const fault = record<Fault>({
  code: text,
  retryable: flag,
  message: text,
  detail: maybe(text),
  status: maybe(count),
  stale: maybe(flag),
});
const range = record<TimeRange>({ start: int64, end: int64 });
const matchers = list(record({ name: text, op: oneOf('=', '!=', '=~', '!~'), value: text }));
const copy = record<BatchCopy>({ origin: text, seq: count, owner: text, replicas: texts });
const parts = list(record<OriginRanges>({ origin: text, ranges: list(tuple(count, count)) }));
const partsStatus = record<BatchesStatus>({ stored: parts, owned: parts, held: parts });

const liveStream = record<LiveStream>({
  ...{ id: count, labels, key: text, minTime: int64, maxTime: int64, rows: count, bytes: count },
});
const memtable = record<LiveMemtable>({
  ...{
    snapshot: text,
    held: maybe(text),
    distinct: maybe(text),
    fromSeq: count,
    toSeq: count,
    streams: list(liveStream),
    rows: count,
    bytes: count,
  },
});
const snapshot = record<LiveSnapshot>({
  ...{
    ingester: text,
    memtables: list(memtable),
    throughSeq: maybe(count),
    holdsOf: maybe(texts),
    doubtful: maybe(flag),
    damaged: maybe(flag),
  },
});
const liveBatch = record<LiveBatch>({ batch: shared, runs: int32s });

const push = record<PushRequest>({
  ...{ tenant: text, contentType: text, body: bytes, encoding: maybe(text), format: text },
});
const slice = record<NonNullable<QueryRequest['slicedFrom']>>({ query: text, start: int64, end: int64 });
const query = record<QueryRequest>({
  ...{ tenant: text, query: text, mode: oneOf('instant', 'range'), start: int64, end: int64, stepNs: number },
  ...{ limit: number, direction: oneOf('forward', 'backward'), intervalNs: number, categorizeLabels: flag },
  ...{ explain: oneOf('none', 'plan', 'analyze'), noCache: maybe(flag), tags: text, streamsOnly: maybe(flag) },
  ...{ slicedFrom: maybe(slice), allowPartial: maybe(flag) },
});
const metadataFields: FieldsOf<MetadataRequest> = {
  ...{ tenant: text, start: int64, end: int64, selectors: texts, allowPartial: maybe(flag) },
};
const metadata = record<MetadataRequest>(metadataFields);
const volume = record<VolumeRequest>({
  ...metadataFields,
  ...{ stepNs: number, targetLabels: texts, aggregateBy: oneOf('series', 'labels'), limit: number },
});
const shards = record<ShardsRequest>({ ...metadataFields, targetBytes: number });
const detect = record<DetectRequest>({
  ...{ tenant: text, query: text, start: int64, end: int64, lineLimit: number, limit: number, tags: text },
  allowPartial: maybe(flag),
});
const patterns = record<PatternsRequest>({
  ...{ tenant: text, selector: text, start: int64, end: int64, stepNs: number, allowPartial: maybe(flag) },
});
const answer = record<QueryAnswer>({
  result: record({ type: oneOf('streams', 'vector', 'matrix', 'scalar') }),
  ...{ stats: record({ execSeconds: number }), warnings: texts, explain: maybe(text) },
  throughSeq: maybe(list(tuple(text, count))),
});
const tail = record<TailRequest>({
  ...{ tenant: text, query: text, start: int64, limit: number, delayMs: number, categorizeLabels: flag, tags: text },
});
const dropped = list(record<DroppedEntry>({ time: int64, labels }));
const tailFrame = record<TailFrame>({ streams: list(record({ labels, entries: list(anything) })), dropped });

const refFields: FieldsOf<TaskRef> = { task: text, attempt: count };
const refs = list(record<TaskRef>(refFields));
const run = record<RunOptions>({ analyze: flag, now: int64, noCache: maybe(flag) });
const manifest = record<TaskManifest>({
  ...{ id: text, fragment: anything, sources: list(texts), sink: text, scan: flag, cost: number },
  ...{ maxTimeRange: maybe(range), affinity: maybe(text), inPlace: maybe(flag), ahead: maybe(flag) },
});
const operator = record<OperatorReport>({
  ...{ operator: text, depth: count, rowsOut: number, batches: number, milliseconds: number, notes: maybe(text) },
});
const report = record<TaskReport>({
  ...{ rowsScanned: number, bytesScanned: number, metadataBytesScanned: number, rowsKept: number, pages: number },
  ...{ pagesPruned: number, liveRows: number, operators: list(operator), cache: maybe(list(text)) },
  emitted: maybe(list(record({ rows: count, lastTime: int64 }))),
});

const member = record<MemberRecord>({
  ...{ name: text, incarnation: count, status: oneOf('alive', 'suspect', 'dead', 'left') },
  details: record<MemberDetails>({ roles: texts, zone: text, address: text, state: text, registeredMs: number }),
  suspectedBy: maybe(text),
});
const members = list(member);

/** True for what one actor may say to another. */
export const isMessage: (value: unknown) => value is Message = kinds<Message>({
  push: { request: push },
  append: { batch: shared, copy: maybe(copy), again: maybe(flag) },
  'append.own': { origin: text, seq: count },
  'batches.release': { batches: parts },
  'batches.owned': { owner: text, batches: parts },
  'batches.ask': { batches: parts },
  flush: {},
  'live.resolve': { tenant: text, range, matchers, query: text, heldOf: maybe(texts) },
  'live.read': { snapshot: text, streams: int32s },
  'live.release': { query: text },
  query: { request: query },
  labels: {
    ...{ what: oneOf('labels', 'values', 'series', 'stats', 'detected-labels'), request: metadata, name: text },
  },
  volume: { request: volume },
  shards: { request: shards },
  detect: { request: detect, name: text },
  'patterns.learn': { batch: shared },
  patterns: { request: patterns },
  'tail.open': { request: tail },
  'tail.next': { tail: text },
  'tail.close': { tail: text },
  'tail.subscribe': { tenant: text, matchers, subscriber: text },
  'tail.data': {
    batches: list(record<LiveBatch & { seq: number }>({ batch: shared, runs: int32s, seq: count })),
    ...{ ingester: text, number: count, labels: list(labels), bytes: number, dropped },
  },
  'tail.credit': { subscriber: text, bytes: number },
  'tail.unsubscribe': { subscriber: text },
  'worker.hello': { incarnation: count, scanSlots: count, running: refs, leaving: maybe(flag) },
  'worker.welcome': { unknown: refs },
  'worker.ready': { slots: count },
  'workflow.start': {
    ...{ workflow: text, tenant: text, tasks: list(manifest), results: text, receiver: text, run },
    enough: maybe(record({ rows: count, ascending: flag })),
  },
  'workflow.alive': { workflow: text },
  'workflow.cancel': { workflow: text, reason: text },
  'workflow.done': {
    ...{ workflow: text, fault: maybe(fault), reports: list(report), again: maybe(flag), skipped: count },
    queueMs: number,
  },
  'workflow.release': { workflow: text },
  'task.assign': {
    ...{ incarnation: count, workflow: text, tenant: text, task: manifest, attempt: count, floor: count },
    ...{ receiver: text, run, bound: maybe(int64) },
  },
  'task.cancel': refFields,
  'task.status': {
    ...refFields,
    ...{ status: oneOf('completed', 'cancelled', 'failed', 'superseded'), fault: maybe(fault), report },
  },
  'task.ack': refFields,
  'stream.data': { stream: text, attempt: count, sequence: count, frame: bytes },
  'stream.probe': { stream: text, attempt: count, floor: count, frames: count },
  'stream.credit': {
    ...{ stream: text, attempt: count, next: count, limit: count, missing: maybe(flag) },
    verdict: maybe(oneOf('complete', 'superseded')),
  },
  'stream.closed': { stream: text, attempt: count, frames: count },
  'gossip.ping': { sequence: count, updates: members },
  'gossip.ping-req': { sequence: count, target: text, updates: members },
  'gossip.ack': { sequence: count, updates: members },
  'gossip.news': { updates: members },
  'gossip.sync': { members, answer: flag },
}) as (value: unknown) => value is Message;

/** True for what an actor may answer. */
export const isReply: (value: unknown) => value is Reply = kinds<Reply>({
  ok: {},
  fault: { fault },
  'batches.status': { status: partsStatus },
  live: { snapshot },
  'live.batches': { batches: list(liveBatch), labels: list(labels) },
  answer: { answer },
  names: { names: texts, warnings: maybe(texts) },
  series: { series: list(labels), warnings: maybe(texts) },
  stats: { stats: record({ bytes: number }), warnings: maybe(texts) },
  'detected.labels': { labels: list(record({ label: text, cardinality: number })), warnings: maybe(texts) },
  'detected.fields': { fields: list(record({ label: text })), warnings: maybe(texts) },
  shards: { shards: list(record({ min: int64, max: int64 })), warnings: maybe(texts) },
  patterns: { patterns: list(record({ pattern: text, level: text, samples: list(anything) })) },
  'tail.opened': { tail: text },
  'tail.frame': { frame: tailFrame },
}) as (value: unknown) => value is Reply;
