import type { MetricSample } from '../../actors/ingester/observe.js';
import type { RingInstance } from '../../actors/ring/instances.js';
import { partitionOwners } from '../../actors/ring/partitions.js';
import { address } from '../../wire/address.js';
import { fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import { PartitionReader, type ReaderParts, readerAddress } from './partition-reader.js';

export interface PartitionsParts extends ReaderParts {
  readonly partitions: readonly string[];
  /** Ingesters as they are known at present. */
  readonly instances: () => readonly RingInstance[];
  /** Calls back whenever these have changed. */
  readonly watch: (watcher: () => void) => void;
}

const PAUSE_MS = 250;
const PROBE_TIMEOUT_MS = 1000;

/**
 * The ingester of a process whose log is JetStream: a reader for each partition that is this process's. Whoever has to let
 * go of a partition keeps reading it until the next one has read as far, so queries miss nothing in between.
 */
export class Partitions {
  readonly #with: PartitionsParts;
  readonly #readers = new Map<string, PartitionReader>();
  readonly #leaving = new Set<string>();
  readonly #unregister: () => void;
  #isOpen = false;

  constructor(parts: PartitionsParts) {
    this.#with = parts;
    this.#unregister = parts.router.register(address('ingester', parts.process), ({ message, ask }) => {
      if (message.kind === 'flush') void this.#flush().then(ask?.reply);
      else ask?.reply({ kind: 'fault', fault: fault('bad-request', 'partitions answer for themselves') });
    });
    parts.watch(() => this.#settle());
  }

  async start(): Promise<void> {
    this.#isOpen = true;
    this.#settle();
  }

  /**
   * Hands everything over, or puts it into objects where nobody takes it. False when time ran out; the log has the rest.
   * Queries are answered until `farewell`, where others are told to ask no more, has resolved.
   */
  async drain(timeoutMs: number, farewell: () => Promise<void> = async () => {}): Promise<boolean> {
    const { clock } = this.#with;
    this.#isOpen = false;
    const endMs = clock.monotonicMs() + timeoutMs;
    const told = allOf(this.#readers.size, farewell);
    const drained = await Promise.all(
      [...this.#readers].map(async ([partition, reader]) => {
        const isTaken = await this.#isTakenBefore(partition, endMs - timeoutMs / 2);
        if (!isTaken && timeoutMs > 0) return reader.drain(Math.max(0, endMs - clock.monotonicMs()), told);
        await told();
        await reader.close({ lingers: false });
        return isTaken;
      }),
    );
    if (drained.length === 0) await farewell();
    this.#readers.clear();
    this.#unregister();
    return drained.every(Boolean);
  }

  /** Of all readers together. */
  observe(): readonly MetricSample[] {
    const sums = new Map<string, MetricSample>();
    for (const { ingester } of this.#readers.values()) {
      for (const sample of ingester?.observe() ?? []) {
        const key = JSON.stringify([sample.name, sample.labels]);
        const value = (sums.get(key)?.value ?? 0) + sample.value;
        sums.set(key, { ...sample, value });
      }
    }
    return [...sums.values()];
  }

  #owners(): ReadonlyMap<string, string> {
    return partitionOwners(this.#with.partitions, this.#with.instances());
  }

  #settle(): void {
    if (!this.#isOpen) return;
    const owners = this.#owners();
    for (const partition of this.#with.partitions) {
      const reader = this.#readers.get(partition);
      const isOwn = owners.get(partition) === this.#with.process;
      if (isOwn && !reader) this.#readers.set(partition, new PartitionReader(this.#with, partition));
      else if (!isOwn && reader && !this.#leaving.has(partition)) void this.#handOver(partition, reader);
    }
  }

  /** Unless it comes back before another process has it. */
  async #handOver(partition: string, reader: PartitionReader): Promise<void> {
    this.#leaving.add(partition);
    const isTaken = await this.#isTakenBefore(partition, Number.POSITIVE_INFINITY);
    this.#leaving.delete(partition);
    if (!isTaken || this.#readers.get(partition) !== reader) return;
    this.#readers.delete(partition);
    void reader.close({ lingers: true });
    this.#settle();
  }

  /** False also when nobody else should take it. */
  async #isTakenBefore(partition: string, endMs: number): Promise<boolean> {
    const { clock, process } = this.#with;
    const wasOpen = this.#isOpen;
    while (clock.monotonicMs() < endMs && this.#isOpen === wasOpen) {
      const owner = this.#owners().get(partition);
      if (owner === process || (owner === undefined && !wasOpen)) return false;
      if (owner !== undefined && (await this.#isReadBy(partition, owner))) return true;
      await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve));
    }
    return false;
  }

  async #isReadBy(partition: string, process: string): Promise<boolean> {
    const { router } = this.#with;
    const from = address('ingester', this.#with.process);
    const probe = { kind: 'live.release', query: '' } as const;
    const reply = await router.ask(from, readerAddress(partition, process), probe, { timeoutMs: PROBE_TIMEOUT_MS });
    return reply.kind === 'ok';
  }

  async #flush(): Promise<Reply> {
    const replies = await Promise.all([...this.#readers.values()].map((reader) => reader.flush()));
    return replies.find(({ kind }) => kind !== 'ok') ?? { kind: 'ok' };
  }
}

/** To be called `count` times: each call resolves when the last one has been made and `task` is done. */
function allOf(count: number, task: () => Promise<void>): () => Promise<void> {
  let left = count;
  let begin: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(task);
  return () => {
    if (--left === 0) begin();
    return done;
  };
}
