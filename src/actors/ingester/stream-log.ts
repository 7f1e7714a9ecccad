/**
 * A log that others write to: records come from a stream that many may read, and numbers are those of the stream. Reading
 * begins where the stream does, for all that objects have was deleted from it.
 */
import type { LogPosition, LogRecord, PartitionStream } from '../../storage/jetstream/types.js';
import { asFault, raise } from '../../wire/fault.js';
import type { Clock } from '../runtime/clock.js';
import type { IngesterLog, LogReader, OpenedLog, OpenLog } from './log.js';
import type { MetricSample } from './observe.js';

export interface StreamLogParts {
  readonly stream: PartitionStream;
  readonly clock: Clock;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail: object) => void;
  /**
   * The stream is not what it was: it lost records that were acknowledged, and numbers name other records now. What is in
   * memory must be kept under the old numbers, and the stream be read again from its beginning under a new name.
   */
  readonly onLost: () => void;
}

/** Between looks whether there is room, and after failures. */
const PAUSE_MS = 250;

export class StreamLog implements IngesterLog {
  /** Resolves when all has arrived that was in the stream when it was opened, or when the log was closed. */
  readonly caughtUp: Promise<void>;
  readonly #with: StreamLogParts;
  #position: LogPosition = { seq: 0 };
  /** To be read before queries may be answered. */
  #target = 0;
  #reader: LogReader | null = null;
  #isOpen = true;
  #isLost = false;
  /** The stream may have changed since it was read last. */
  #isUnsure = false;
  #ended: Promise<void> = Promise.resolve();
  #onCaughtUp: () => void = () => undefined;
  #records = 0;
  #bytes = 0;
  #failures = 0;

  constructor(parts: StreamLogParts) {
    this.#with = parts;
    this.caughtUp = new Promise((resolve) => {
      this.#onCaughtUp = resolve;
    });
  }

  readonly open: OpenLog = async (reader): Promise<OpenedLog> => {
    const { firstSeq, lastSeq } = await this.#with.stream.bounds();
    this.#reader = reader;
    this.#position = { seq: firstSeq - 1 };
    this.#target = lastSeq;
    const before = firstSeq - 1;
    return {
      ...{ log: this, lastSeq: before, truncatedSeq: before, records: 0, bytes: 0, damage: [], isDoubtful: false },
      // What there was arrives like what is new.
      segments: [],
      replay: async function* () {},
      read: async () => raise('internal', 'a partition has no segments'),
      lost: async () => {},
      follow: () => {
        this.#ended = this.#follow();
      },
      close: () => this.close(),
      observe: () => this.#observe(),
    };
  };

  async append(): Promise<void> {
    raise('bad-request', 'entries of a partition are sent to its stream, not to its reader');
  }

  async rotate(): Promise<void> {}

  async trust(): Promise<void> {}

  /** After a loss the numbers are those of other records. */
  async truncate(throughSeq: number): Promise<void> {
    try {
      if (!this.#isLost && (await this.#isSame())) await this.#with.stream.truncate(throughSeq);
    } catch (error) {
      this.#failures++;
      const why = asFault(error);
      this.#with.log('warn', 'a partition could not be truncated: it will be with the next objects', { fault: why });
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#onCaughtUp();
    await this.#with.stream.close();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    while (this.#isOpen && !this.#isLost) {
      if (this.#position.seq >= this.#target) this.#onCaughtUp();
      if (!this.#reader!.hasRoom()) await this.#pause();
      else await this.#readOn();
    }
  }

  async #readOn(): Promise<void> {
    const { seq } = this.#position;
    try {
      if (this.#isUnsure && !(await this.#isSame())) return;
      this.#isUnsure = false;
      await this.#with.stream.read(seq, (record) => this.#take(record));
      if (this.#position.seq > seq || !this.#isOpen) return;
      // Nothing comes: all has been read, or nothing ever will come, because numbers begin anew.
      this.#onCaughtUp();
      this.#isUnsure = true;
    } catch (error) {
      if (!this.#isOpen) return;
      this.#failures++;
      // A server that comes back may have lost something.
      this.#isUnsure = true;
      this.#with.log('warn', 'a partition cannot be read at present', { after: seq, fault: asFault(error) });
      await this.#pause();
    }
  }

  #take({ seq, id, storedMs, bytes }: LogRecord): void {
    if (!this.#isOpen || seq <= this.#position.seq) return;
    const buffer = new SharedArrayBuffer(bytes.length);
    new Uint8Array(buffer).set(bytes);
    this.#position = { seq, record: { id, storedMs } };
    this.#records++;
    this.#bytes += bytes.length;
    this.#reader!.arrived([{ seq, buffer }]);
    if (seq >= this.#target) this.#onCaughtUp();
  }

  async #isSame(): Promise<boolean> {
    const position = this.#position;
    const isSame = await this.#with.stream.isSame(position);
    if (isSame || this.#isLost) return isSame && !this.#isLost;
    this.#isLost = true;
    this.#with.log('error', 'JetStream lost records that it had acknowledged; those read before are kept', position);
    this.#with.onLost();
    return false;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#with.clock.after(PAUSE_MS, resolve));
  }

  #observe(): readonly MetricSample[] {
    return [
      { kind: 'counter', name: 'loki_ingester_partition_records_total', value: this.#records },
      { kind: 'counter', name: 'loki_ingester_partition_bytes_total', value: this.#bytes },
      { kind: 'counter', name: 'loki_ingester_partition_failures_total', value: this.#failures },
    ];
  }
}
