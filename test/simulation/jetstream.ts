/**
 * JetStream on the simulated NATS: a stream for each partition. It outlives the death of the server's process; of its
 * machine only what was synced does, which without `syncAlways` the last seconds were not.
 */
import type { LogPosition, LogRecord, PartitionStream } from '../../src/storage/jetstream/types.js';
import { openEntries } from '../../src/wire/entries.js';
import { FaultError, fault } from '../../src/wire/fault.js';
import type { SeededRandom } from '../support/random.js';
import type { SimNats } from './nats.js';
import type { SimProcess } from './process.js';
import type { World } from './world.js';

export interface LogShape {
  readonly partitions: number;
  readonly syncAlways: boolean;
}

/** Minutes in production. */
const SYNC_EVERY_MS = 4000;
const DUPLICATES_MS = 120_000;
const TIMEOUT_MS = 5000;
const READ_MS = 5000;
/** Records of one read at most: few, so that readers ask often. */
const READ_RECORDS = 8;
const SERVER = 'jetstream';

class Stream {
  firstSeq = 1;
  lastSeq = 0;
  records: LogRecord[] = [];
  /** When each id was stored last. */
  readonly ids = new Map<string, number>();
  /** Reads that wait for a record. */
  readonly waiting = new Set<() => void>();
  /** How far processes have read. */
  readonly heard = new Map<SimProcess, number>();
}

export class SimJetStream {
  readonly world: World;
  readonly nats: SimNats;
  /** Told the lines of records that were acknowledged and are gone. */
  onLost: (lines: readonly string[]) => void = () => undefined;
  readonly #random: SeededRandom;
  readonly #syncAlways: boolean;
  readonly #streams = new Map<string, Stream>();

  constructor(world: World, nats: SimNats, { syncAlways }: LogShape) {
    this.world = world;
    this.nats = nats;
    this.#syncAlways = syncAlways;
    this.#random = world.random();
  }

  open(process: SimProcess, partition: string): Promise<PartitionStream> {
    const stream = new SimPartition(this, process, partition);
    return stream.bounds().then(() => stream);
  }

  append(partition: string, id: string, bytes: Uint8Array): void {
    const stream = this.stream(partition);
    const { nowMs } = this.world;
    const beforeMs = stream.ids.get(id);
    if (beforeMs !== undefined && nowMs - beforeMs < DUPLICATES_MS)
      return this.world.note(`log ${partition} has ${id}`);
    stream.ids.set(id, nowMs);
    stream.records.push({ seq: ++stream.lastSeq, id, bytes, storedMs: nowMs });
    for (const wake of [...stream.waiting]) wake();
  }

  /** Records after a number, as soon as there are any, or none after a while. */
  async after(partition: string, seq: number): Promise<readonly LogRecord[]> {
    const stream = this.stream(partition);
    const found = (): readonly LogRecord[] =>
      stream.records.filter((record) => record.seq > seq).slice(0, READ_RECORDS);
    if (found().length === 0) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          stream.waiting.delete(wake);
          resolve();
        };
        stream.waiting.add(wake);
        this.world.after(READ_MS, wake);
      });
    }
    return found();
  }

  isSame(partition: string, { seq, record }: LogPosition): boolean {
    const { lastSeq, records } = this.stream(partition);
    if (lastSeq < seq) return false;
    const stored = records.find((one) => one.seq === seq);
    if (stored === undefined || record === undefined) return true;
    return stored.id === record.id && stored.storedMs === record.storedMs;
  }

  truncate(partition: string, throughSeq: number): void {
    const stream = this.stream(partition);
    stream.records = stream.records.filter(({ seq }) => seq > throughSeq);
    stream.firstSeq = Math.max(stream.firstSeq, Math.min(throughSeq, stream.lastSeq) + 1);
  }

  stream(partition: string): Stream {
    const stream = this.#streams.get(partition) ?? new Stream();
    this.#streams.set(partition, stream);
    return stream;
  }

  /** The machine stops: a part of what was not synced is gone, and numbers are given out again. */
  losePower(): void {
    const syncedMs = this.#syncAlways ? this.world.nowMs : Math.floor(this.world.nowMs / SYNC_EVERY_MS) * SYNC_EVERY_MS;
    for (const [partition, stream] of this.#streams) {
      stream.waiting.clear();
      const unsynced = stream.records.filter(({ storedMs }) => storedMs > syncedMs);
      const lost = unsynced.slice(this.#random.below(unsynced.length + 1));
      if (lost.length === 0) continue;
      stream.records = stream.records.slice(0, -lost.length);
      stream.lastSeq = lost[0]!.seq - 1;
      for (const { id } of lost) stream.ids.delete(id);
      for (const [process, seq] of stream.heard) stream.heard.set(process, Math.min(seq, stream.lastSeq));
      this.world.fault('records lost', `${partition} from ${lost[0]!.seq} on: ${lost.length}`);
      this.onLost(lost.flatMap(linesOf));
    }
  }

  /** What the processes whose partitions these are have not read; undefined when that is nothing. */
  unread(ownerOf: (partition: string) => SimProcess | undefined): string | undefined {
    for (const [partition, { lastSeq, firstSeq, heard }] of this.#streams) {
      const owner = ownerOf(partition);
      const through = owner ? (heard.get(owner) ?? 0) : 0;
      if (lastSeq >= firstSeq && through < lastSeq)
        return `${owner?.name} has read ${through} of ${lastSeq} records of ${partition}`;
    }
    return undefined;
  }
}

class SimPartition implements PartitionStream {
  readonly #server: SimJetStream;
  readonly #process: SimProcess;
  readonly #partition: string;
  #endRead: () => void = () => undefined;

  constructor(server: SimJetStream, process: SimProcess, partition: string) {
    this.#server = server;
    this.#process = process;
    this.#partition = partition;
  }

  publish(id: string, bytes: Uint8Array): Promise<void> {
    return this.#ask('publish', () => this.#server.append(this.#partition, id, bytes));
  }

  bounds(): Promise<{ firstSeq: number; lastSeq: number }> {
    return this.#ask('bounds', () => {
      const { firstSeq, lastSeq } = this.#server.stream(this.#partition);
      return { firstSeq, lastSeq };
    });
  }

  async read(after: number, take: (record: LogRecord) => void): Promise<void> {
    const closed = new Promise<readonly LogRecord[]>((resolve) => {
      this.#endRead = () => resolve([]);
    });
    const asked = this.#ask('read', () => this.#server.after(this.#partition, after), READ_MS);
    const records = await Promise.race([closed, asked]);
    for (const record of records) take(record);
    const last = records.at(-1)?.seq;
    if (last !== undefined) this.#server.stream(this.#partition).heard.set(this.#process, last);
  }

  isSame(position: LogPosition): Promise<boolean> {
    return this.#ask('compare', () => this.#server.isSame(this.#partition, position));
  }

  truncate(throughSeq: number): Promise<void> {
    return this.#ask('truncate', () => this.#server.truncate(this.#partition, throughSeq));
  }

  async close(): Promise<void> {
    this.#endRead();
  }

  /** A question and its answer are messages as all others: they may be lost, late, doubled, or cut off. */
  #ask<T>(what: string, work: () => T | Promise<T>, waitMs = 0): Promise<T> {
    const { nats, world } = this.#server;
    const process = this.#process;
    return new Promise((resolve, reject) => {
      const late = new FaultError(fault('timeout', `JetStream: ${what}: timeout`));
      const giveUp = process.after(TIMEOUT_MS + waitMs, () => reject(late));
      const settle = (value: T): void => {
        giveUp();
        resolve(value);
      };
      nats.carry(`${process.name}>${SERVER}`, async () => {
        world.note(`${process.name}>${SERVER} ${this.#partition} ${what}`);
        const { life } = nats;
        const value = await work();
        // What a server that was restarted since was asked, nobody answers.
        if (nats.life === life) nats.carry(`${SERVER}>${process.name}`, () => process.whenRunning(() => settle(value)));
      });
    });
  }
}

function linesOf({ bytes }: LogRecord): string[] {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const { rows, messages, messageOffsets } = openEntries(shared);
  const text = Buffer.from(messages);
  return Array.from({ length: rows }, (_, row) => text.toString('utf8', messageOffsets[row], messageOffsets[row + 1]));
}
