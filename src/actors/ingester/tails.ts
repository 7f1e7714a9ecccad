import { compileMatchers } from '../../execution/matchers.js';
import type { StreamMatcher } from '../../storage/metastore/types.js';
import type { Address } from '../../wire/address.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { type Labels, labelValue } from '../../wire/labels.js';
import type { TailData, TailSubscribe } from '../../wire/messages/following.js';
import type { DroppedEntry } from '../../wire/tail.js';
import type { IngesterEffect } from './events.js';
import type { IngesterSettings } from './settings.js';
import type { ActiveStream, StoredBatch } from './stream.js';

interface Subscription {
  readonly tenant: string;
  readonly subscriber: Address;
  readonly matchers: readonly StreamMatcher[];
  /** Verdicts, asked once a stream. */
  readonly matching: WeakMap<ActiveStream, boolean>;
  untilMs: number;
  /** Sent and not given back. */
  bytesOut: number;
  /** Not reported yet. */
  dropped: DroppedEntry[];
  /** Messages. */
  told: number;
}

type TailSettings = Pick<IngesterSettings, 'instance' | 'tailLeaseMs' | 'tailBacklogBytesMax' | 'tailDroppedMax'>;

/** Who is told what is appended. Nobody is waited for: what a slow subscriber has no room for is dropped, and said so. */
export class TailSubscriptions {
  readonly #settings: TailSettings;
  readonly #bySubscriber = new Map<Address, Subscription>();
  /** Entries, since the start. */
  dropped = 0;

  constructor(settings: TailSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#bySubscriber.size;
  }

  /** Adds a subscription, or renews it. Throws when a matcher is no regular expression. */
  subscribe({ tenant, matchers, subscriber }: TailSubscribe, nowMs: number): void {
    const untilMs = nowMs + this.#settings.tailLeaseMs;
    const known = this.#bySubscriber.get(subscriber);
    if (known) known.untilMs = untilMs;
    else {
      const compiled = compileMatchers(matchers);
      const matching = new WeakMap<ActiveStream, boolean>();
      this.#bySubscriber.set(subscriber, {
        ...{ tenant, subscriber, matchers: compiled, matching, untilMs, bytesOut: 0, dropped: [], told: 0 },
      });
    }
  }

  /** What was dropped is reported now that it can be read, should nothing else come. */
  credit(subscriber: Address, bytes: number, effects: IngesterEffect[]): void {
    const to = this.#bySubscriber.get(subscriber);
    if (!to) return;
    to.bytesOut = Math.max(0, to.bytesOut - bytes);
    if (to.dropped.length > 0) this.#tell(to, [], [], 0, effects);
  }

  unsubscribe(subscriber: Address): void {
    this.#bySubscriber.delete(subscriber);
  }

  expire(nowMs: number): void {
    for (const [subscriber, { untilMs }] of this.#bySubscriber) if (untilMs <= nowMs) this.unsubscribe(subscriber);
  }

  /** The batches are durable and seen by queries. */
  publish(batches: readonly StoredBatch[], effects: IngesterEffect[]): void {
    for (const subscription of this.#bySubscriber.values()) this.#publishTo(subscription, batches, effects);
  }

  #publishTo(to: Subscription, batches: readonly StoredBatch[], effects: IngesterEffect[]): void {
    const indexes = new Map<ActiveStream, number>();
    const sent: TailData['batches'][number][] = [];
    let bytes = 0;
    for (const batch of batches) {
      if (batch.entries.tenant !== to.tenant) continue;
      const wanted = runsOf(batch, (stream) => isMatching(to, stream));
      if (wanted.length === 0) continue;
      const { buffer } = batch.entries;
      if (!this.#hasRoom(to.bytesOut + bytes, buffer.byteLength)) {
        for (const run of wanted) this.#drop(to, batch, run);
        continue;
      }
      bytes += buffer.byteLength;
      const runs = wanted.flatMap(({ stream, from, to: end }) => [
        ...[from, end, getOrCreate(indexes, stream, () => indexes.size)],
      ]);
      sent.push({ seq: batch.seq, batch: buffer, runs: Int32Array.from(runs) });
    }
    if (sent.length === 0) return;
    const labels = Array.from(indexes.keys(), (stream) => stream.labels);
    this.#tell(to, sent, labels, bytes, effects);
  }

  /** Whatever its size, a batch may be sent to a subscriber that has none. */
  #hasRoom(bytesOut: number, bytes: number): boolean {
    return bytesOut === 0 || bytesOut + bytes <= this.#settings.tailBacklogBytesMax;
  }

  #drop({ dropped }: Subscription, { entries: { times } }: StoredBatch, { stream, from, to }: Run): void {
    this.dropped += to - from;
    const end = Math.min(to, from + this.#settings.tailDroppedMax - dropped.length);
    for (let row = from; row < end; row++) dropped.push({ time: times[row]!, labels: stream.labels });
  }

  #tell(
    to: Subscription,
    batches: TailData['batches'],
    labels: readonly Labels[],
    bytes: number,
    effects: IngesterEffect[],
  ): void {
    const { instance: ingester } = this.#settings;
    const { dropped } = to;
    to.dropped = [];
    to.bytesOut += bytes;
    const number = to.told++;
    const message = { kind: 'tail.data', ingester, number, batches, labels, bytes, dropped } as const;
    effects.push({ kind: 'tell', to: to.subscriber, message });
  }
}

/** Rows [from, to) of a batch, which are of one stream. */
interface Run {
  readonly stream: ActiveStream;
  readonly from: number;
  readonly to: number;
}

function runsOf({ streams, entries }: StoredBatch, isWanted: (stream: ActiveStream) => boolean): Run[] {
  return streams.flatMap((stream, s) => {
    if (stream === null || !isWanted(stream)) return [];
    return { stream, from: entries.streamEnds[s - 1] ?? 0, to: entries.streamEnds[s]! };
  });
}

function isMatching({ matching, matchers }: Subscription, stream: ActiveStream): boolean {
  const known = matching.get(stream);
  if (known !== undefined) return known;
  const verdict = matchers.every(({ name, matches }) => matches(labelValue(stream.labels, name)));
  matching.set(stream, verdict);
  return verdict;
}
