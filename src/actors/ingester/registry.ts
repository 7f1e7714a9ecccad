import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { type ActiveStream, type Forgotten, forgetRows, newStream } from './stream.js';

/** The streams of all tenants that have rows in memory. */
export class StreamRegistry {
  readonly #tenants = new Map<string, Map<string, ActiveStream>>();
  created = 0;
  removed = 0;

  get size(): number {
    return this.created - this.removed;
  }

  count(tenant: string): number {
    return this.#tenants.get(tenant)?.size ?? 0;
  }

  tenants(): IterableIterator<string> {
    return this.#tenants.keys();
  }

  get(tenant: string, key: string): ActiveStream | undefined {
    return this.#tenants.get(tenant)?.get(key);
  }

  /** Adds a stream that is about to get rows; `releaseIfEmpty` takes it back should it get none. */
  create(tenant: string, key: string, labels: Labels): ActiveStream {
    const streams = getOrCreate(this.#tenants, tenant, () => new Map<string, ActiveStream>());
    const stream = newStream(tenant, key, labels);
    streams.set(key, stream);
    this.created++;
    return stream;
  }

  releaseIfEmpty(stream: ActiveStream): void {
    const streams = this.#tenants.get(stream.tenant);
    if (stream.pieces.length > 0 || streams?.get(stream.key) !== stream) return;
    streams.delete(stream.key);
    this.removed++;
    if (streams.size === 0) this.#tenants.delete(stream.tenant);
  }

  /** The rows of a memtable are in objects now. */
  forget(stream: ActiveStream, memtable: number, had: Forgotten): void {
    forgetRows(stream, memtable, had);
    this.releaseIfEmpty(stream);
  }
}
