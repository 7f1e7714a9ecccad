import { openEntries } from '../../../wire/entries.js';
import { Memtable, type SealedMemtable } from '../memtable.js';
import { StreamRegistry } from '../registry.js';
import { takeRecord } from '../staging.js';
import type { HeldPart } from './held-part.js';

/** No object covers the log from before its start to behind its end: what is held counts as stored for no query. */
const NEVER_COVERED = { fromSeq: 0, toSeq: Number.MAX_SAFE_INTEGER };

/** A memtable made of held parts. It may be added to while queries hold it, as any other memtable. */
export class HeldTable {
  readonly #table: Memtable;
  readonly #streams = { registry: new StreamRegistry(), counters: { duplicateRows: 0, unreadableRecords: 0 } };
  readonly #added = new Set<HeldPart>();

  constructor(nowMs: number) {
    this.#table = new Memtable(0, NEVER_COVERED.fromSeq, nowMs);
  }

  /** With all of the parts, which include those it has. */
  upTo(parts: ReadonlySet<HeldPart>, nowMs: number): SealedMemtable {
    if (this.#added.size < parts.size) {
      for (const part of parts) {
        if (this.#added.has(part)) continue;
        this.#added.add(part);
        const batch = takeRecord(this.#streams, openEntries(part.buffer), part.seq);
        if (batch) this.#table.add(batch, nowMs);
      }
    }
    return { table: this.#table, toSeq: NEVER_COVERED.toSeq };
  }

  /** Only queries that hold it have it from now on. */
  drop(): void {
    this.#table.dropped = true;
  }
}
