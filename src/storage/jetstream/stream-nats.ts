import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { errors, type NatsConnection, nanos } from '@nats-io/transport-node';
import { type FaultCode, FaultError, fault } from '../../wire/fault.js';
import type { LogPosition, LogRecord, PartitionStream } from './types.js';

export interface StreamSettings {
  /** One token of a subject; clusters of different names have different logs. */
  readonly cluster: string;
  readonly partition: string;
  /** Copies that NATS keeps; 0: three, or one where the server is alone. */
  readonly replicas: number;
  /** Beyond this publishing is refused; 0: no bound but the server's. */
  readonly bytesMax: number;
}

/** A record that is sent again within this time is not stored again. Servers keep the ids of so long in memory. */
const DUPLICATES_MS = 120_000;
const TIMEOUT_MS = 5000;
/** A consumer of a process that died. */
const INACTIVE_MS = 30_000;
const READ_MS = 5000;
const READ_BYTES = 8 << 20;
/** JetStream's error codes. */
const BYTES_EXCEEDED = 10077;
/** The server is alone: no other will ever have a copy. */
const NO_CLUSTER = 10074;
/** Too few servers of the cluster are there, at present at least. */
const NO_PEERS = 10005;
const NO_MESSAGE = 10037;
/** The client makes milliseconds of a record's time in two ways. */
const ROUNDED_MS = 1;
const NO_STREAM = 10059;

/**
 * One JetStream stream a partition rather than subjects of one: each has a leader of its own, numbers without holes, and
 * is truncated block by block. Nothing but the stream itself is kept in NATS: it begins where objects end.
 */
export class NatsStream implements PartitionStream {
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #name: string;
  readonly #subject: string;
  readonly #created: string;
  readonly #readBytes: number;
  readonly info: StreamInfo;
  /** What NATS sends next: the record after `after`, as the one numbered behind `delivered`. */
  #consumer: { readonly after: number; readonly delivered: number; readonly from: Consumer } | undefined;
  #reading: ConsumerMessages | undefined;
  readonly #connection: NatsConnection;
  #isWatched = false;
  #isClosed = false;
  /** The connection has been another one since the read began: what was asked is not answered any more. */
  #isBroken = false;

  private constructor(connection: NatsConnection, manager: JetStreamManager, info: StreamInfo) {
    this.#connection = connection;
    this.#manager = manager;
    this.#client = jetstream(connection, { timeout: TIMEOUT_MS });
    this.#name = info.config.name;
    this.#subject = info.config.subjects[0]!;
    this.#created = info.created;
    this.#readBytes = Math.max(READ_BYTES, 2 * (connection.info?.max_payload ?? 0));
    this.info = info;
  }

  /** Makes the stream where it does not exist; one that exists is left as it is. */
  static async open(connection: NatsConnection, settings: StreamSettings): Promise<NatsStream> {
    return raising(async () => {
      const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
      return new NatsStream(connection, manager, await ensure(manager, settings));
    });
  }

  publish(id: string, bytes: Uint8Array): Promise<void> {
    return raising(async () => {
      await this.#client.publish(this.#subject, bytes, { msgID: id, timeout: TIMEOUT_MS });
    });
  }

  bounds(): Promise<{ firstSeq: number; lastSeq: number }> {
    return raising(async () => boundsOf(await this.#manager.streams.info(this.#name)));
  }

  read(after: number, take: (record: LogRecord) => void): Promise<void> {
    return raising(async () => {
      let last = after;
      this.#isBroken = false;
      this.#watch();
      try {
        if (this.#consumer?.after !== after)
          this.#consumer = { after, delivered: 0, from: await this.#consume(after + 1) };
        let { delivered, from } = this.#consumer;
        this.#reading = await from.fetch({ max_bytes: this.#readBytes, expires: READ_MS });
        if (this.#isBroken) this.#reading.stop();
        for await (const message of this.#reading) {
          if (message.info.deliverySequence !== ++delivered) throw lostAfter(last);
          last = message.seq;
          const id = message.headers?.get('Nats-Msg-Id') ?? '';
          take({ seq: last, id, storedMs: message.time.getTime(), bytes: message.data });
        }
        if (this.#isBroken) throw new Error('the connection broke');
        if (last === after && (await from.info()).delivered.consumer_seq > delivered) throw lostAfter(last);
        this.#consumer = { after: last, delivered, from };
      } catch (error) {
        this.#reading?.stop();
        this.#consumer = undefined;
        throw error;
      } finally {
        this.#reading = undefined;
      }
    });
  }

  isSame({ seq, record }: LogPosition): Promise<boolean> {
    return raising(async () => {
      const info = await this.#manager.streams.info(this.#name);
      const { firstSeq, lastSeq } = boundsOf(info);
      if (info.created !== this.#created || lastSeq < seq) return false;
      if (record === undefined || seq < firstSeq) return true;
      const stored = await this.#manager.streams.getMessage(this.#name, { seq }).catch((error: unknown) => {
        if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return null;
        throw error;
      });
      if (stored === null) return true;
      const sinceMs = Math.abs(stored.time.getTime() - record.storedMs);
      return stored.header.get('Nats-Msg-Id') === record.id && sinceMs <= ROUNDED_MS;
    });
  }

  truncate(throughSeq: number): Promise<void> {
    return raising(async () => {
      await this.#manager.streams.purge(this.#name, { seq: throughSeq + 1 });
    });
  }

  /** Begun once. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    void (async () => {
      for await (const { type } of this.#connection.status()) {
        if (this.#isClosed) return;
        if (type !== 'reconnect') continue;
        this.#isBroken = true;
        this.#reading?.stop();
      }
    })();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#reading?.stop();
    await this.#consumer?.from.delete().catch(() => undefined);
    this.#consumer = undefined;
  }

  /** Kept in the server's memory: who reads knows by itself how far it has come. */
  async #consume(fromSeq: number): Promise<Consumer> {
    const { name } = await this.#manager.consumers.add(this.#name, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: fromSeq,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(INACTIVE_MS),
    });
    return this.#client.consumers.get(this.#name, name);
  }
}

async function ensure(manager: JetStreamManager, { cluster, partition, ...settings }: StreamSettings) {
  const name = `skald_${cluster}_${partition}`;
  const add = (replicas: number): Promise<StreamInfo> =>
    manager.streams.add({
      name,
      description: 'Log entries of Skald that are in no object yet',
      subjects: [`skald.${cluster}.log.${partition}`],
      storage: StorageType.File,
      // Only what is in objects is ever deleted, by Skald itself.
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_bytes: settings.bytesMax || -1,
      num_replicas: replicas,
      duplicate_window: nanos(DUPLICATES_MS),
    });
  const present = await manager.streams.info(name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === NO_STREAM) return null;
    throw error;
  });
  if (present) return present;
  try {
    return await add(settings.replicas || 3);
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (settings.replicas === 0 && error.code === NO_CLUSTER) return await add(1);
    // A stream that is made while a server is late would have too few copies for ever.
    if (error.code === NO_PEERS) throw new Error(`${error.message} (ingest.jetstream.replicas says how many copies)`);
    // Others may have made it meanwhile.
    return await manager.streams.info(name);
  }
}

/** Consumers acknowledge nothing: what was sent into a connection that broke must be asked for again. */
function lostAfter(seq: number): Error {
  return new Error(`records after ${seq} were lost on their way`);
}

function boundsOf({ state }: StreamInfo): { firstSeq: number; lastSeq: number } {
  // A stream that never had a message begins at 0.
  return { firstSeq: Math.max(1, state.first_seq), lastSeq: state.last_seq };
}

/** What NATS throws as a fault that may be answered. */
async function raising<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    throw new FaultError(fault(codeOf(error), `JetStream: ${name}: ${message}`));
  }
}

function codeOf(error: unknown): FaultCode {
  if (error instanceof errors.TimeoutError) return 'timeout';
  if (error instanceof JetStreamApiError && error.code === BYTES_EXCEEDED) return 'storage-full';
  return 'unavailable';
}
