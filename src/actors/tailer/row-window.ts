import { formatLabels } from '../../wire/labels.js';
import type { StreamResult } from '../../wire/query.js';

/**
 * The last rows a tail has had, so that one that comes again does not: where entries have copies two ingesters may tell
 * of it, and what may have been missed is read again. Rows are the same that look the same.
 */
export class RowWindow {
  readonly #max: number;
  /** In order of arrival. */
  readonly #times = new Map<string, bigint>();
  #forgottenTime: bigint | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#times.size;
  }

  /** Rows up to this time may have been forgotten; undefined while all are known. */
  get forgottenTime(): bigint | undefined {
    return this.#forgottenTime;
  }

  /** Those that have not been seen; from now on they have. Streams of one entry each. */
  fresh(streams: readonly StreamResult[]): StreamResult[] {
    return streams.filter((stream) => this.#isFresh(stream));
  }

  #isFresh({ labels, entries: [entry] }: StreamResult): boolean {
    if (!entry) return false;
    const { time, line, structuredMetadata = [], parsed = [] } = entry;
    const key = JSON.stringify([String(time), formatLabels(labels), line, structuredMetadata, parsed]);
    if (this.#times.has(key)) return false;
    this.#times.set(key, time);
    if (this.#times.size > this.#max) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const [key, time] of this.#times) {
      this.#times.delete(key);
      if (this.#forgottenTime === undefined || time > this.#forgottenTime) this.#forgottenTime = time;
      return;
    }
  }
}
