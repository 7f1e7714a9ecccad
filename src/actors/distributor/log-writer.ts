import { createHash } from 'node:crypto';
import type { PartitionStream } from '../../storage/jetstream/types.js';
import type { Address } from '../../wire/address.js';
import { openEntries } from '../../wire/entries.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import { faultReply, type Router } from '../runtime/router.js';
import { splitRows } from './split-batch.js';

export interface LogWriterParts {
  readonly router: Router;
  /** Opens the log of the partition, and makes it where there is none. */
  readonly open: () => Promise<PartitionStream>;
  /** What a record may have at most. */
  readonly recordBytesMax: () => number;
}

/**
 * Stands where an ingester would: takes appends for one partition and answers when its log has acknowledged them. A batch
 * that is sent again has the ids that it had, so what the log has of it is not stored twice.
 */
export class LogWriter {
  readonly #with: LogWriterParts;
  #stream: Promise<PartitionStream> | undefined;

  constructor(self: Address, parts: LogWriterParts) {
    this.#with = parts;
    parts.router.register(self, (envelope) => this.#receive(envelope));
  }

  #receive({ message, ask }: Envelope): void {
    if (!ask) return;
    if (message.kind === 'append') void this.#append(message.batch).then(ask.reply);
    else ask.reply(faultReply(fault('bad-request', `the log of a partition does not answer ${message.kind}`)));
  }

  async #append(batch: SharedArrayBuffer): Promise<Reply> {
    try {
      const records = splitRows(openEntries(batch), this.#with.recordBytesMax());
      this.#stream ??= this.#with.open();
      const stream = await this.#stream;
      await Promise.all(
        records.map(({ buffer }) => {
          // Neither the hash nor a socket takes shared memory.
          const bytes = new Uint8Array(buffer.byteLength);
          bytes.set(new Uint8Array(buffer));
          return stream.publish(idOf(bytes), bytes);
        }),
      );
      return { kind: 'ok' };
    } catch (error) {
      if (error instanceof RangeError)
        return faultReply(fault('too-large', `JetStream's max_payload: ${error.message}`));
      // It may be gone: opening it would make it again.
      this.#stream = undefined;
      return faultReply(asFault(error));
    }
  }
}

function idOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}
