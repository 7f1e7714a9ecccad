import type { BuildInput } from '../../storage/dataobj/types.js';

/** Turns a part of a memtable into an object: on other threads and another machine's disk, as far as an ingester knows. */
export interface Flusher {
  /**
   * Builds one object, uploads it and adds it to the table of contents; resolves with its size when all that is durable.
   * After a rejection the same input comes again: what the first attempt left in the bucket must not be listed twice.
   */
  store(input: BuildInput): Promise<{ readonly bytes: number }>;
}
