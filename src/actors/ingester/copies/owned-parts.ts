import type { BatchCopy } from '../../../wire/batch-copy.js';
import { PartMap } from './part-ranges.js';

export interface OwnedPart {
  readonly copy: BatchCopy;
  /** When the log is stored up to here, so is the part. */
  readonly throughSeq: number;
}

/** Estimate of what remembering a part costs. */
const PART_BYTES = 200;

/** Parts this instance has to store, and has not stored yet. */
export class OwnedParts {
  readonly #parts = new PartMap<OwnedPart>();
  /** In order of `throughSeq`; those before `#next` are stored. */
  #queue: OwnedPart[] = [];
  #next = 0;

  get size(): number {
    return this.#parts.size;
  }

  get memoryBytes(): number {
    return PART_BYTES * this.size;
  }

  readonly has = this.#parts.has.bind(this.#parts);
  readonly within = this.#parts.within.bind(this.#parts);

  /** `throughSeq` never goes back. A part that is there stays as it is. */
  add(copy: BatchCopy, throughSeq: number): void {
    if (this.#parts.has(copy)) return;
    const part = { copy, throughSeq };
    this.#parts.set(copy, part);
    this.#queue.push(part);
  }

  /** Takes out what is stored now that the log is up to `seq`. */
  takeStored(seq: number): readonly BatchCopy[] {
    const stored: BatchCopy[] = [];
    for (let part = this.#queue[this.#next]; part && part.throughSeq <= seq; part = this.#queue[this.#next]) {
      stored.push(part.copy);
      this.#parts.delete(part.copy);
      this.#next++;
    }
    if (2 * this.#next > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    return stored;
  }
}
