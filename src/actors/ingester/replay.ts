import { CorruptObject } from '../../storage/corrupt.js';
import type { MetastoreReader, WindowCopies, WindowCoverage } from '../../storage/metastore/types.js';
import { decodeCopyHead } from '../../storage/wal/copy-head.js';
import type { WalRecord } from '../../storage/wal/record.js';
import { BatchNames } from '../../wire/batch-names.js';
import { openEntries } from '../../wire/entries.js';
import type { TimeRange } from '../../wire/time.js';
import type { Recovered, RecoveredBatch } from './events.js';

/** Collects the records of a log as entries batches in memory of their own. */
export class Replay {
  readonly batches: RecoveredBatch[] = [];
  unreadable = 0;
  readonly #names = new BatchNames();

  visit({ seq, payload }: WalRecord): void {
    try {
      const { copy, headBytes } = decodeCopyHead(payload) ?? { copy: null, headBytes: 0 };
      const entries = openEntries(ownMemory(payload.subarray(headBytes)), this.#names);
      this.batches.push(copy ? { seq, entries, copy } : { seq, entries });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.unreadable++;
    }
  }

  /**
   * Asks what objects hold already of the tenants and times in the log. A damaged table of contents holds nothing, and is
   * reported: better an entry twice, for queries to merge, than none. Rejects for any other reason.
   */
  async coverage(
    writer: string,
    metastore: Pick<MetastoreReader, 'coverage'>,
    onDamage: (damage: CorruptObject) => void,
  ): Promise<Recovered['coverage']> {
    const coverage = new Map<string, readonly WindowCoverage[]>();
    for (const [tenant, range] of rangesOf(this.batches)) {
      try {
        coverage.set(tenant, await metastore.coverage(tenant, writer, range));
      } catch (error) {
        if (!(error instanceof CorruptObject)) throw error;
        onDamage(error);
      }
    }
    return coverage;
  }

  /** Asks which of the replicated parts in the log objects hold already, of whatever writer. */
  async copies(metastore: Pick<MetastoreReader, 'copies'>): Promise<ReadonlyMap<string, readonly WindowCopies[]>> {
    const copies = new Map<string, readonly WindowCopies[]>();
    for (const [tenant, range] of rangesOf(this.batches.filter(({ copy }) => copy !== undefined))) {
      copies.set(tenant, await metastore.copies(tenant, range));
    }
    return copies;
  }
}

/** Shared memory that holds these bytes and nothing else. */
function ownMemory(bytes: Uint8Array): SharedArrayBuffer {
  if (bytes.buffer instanceof SharedArrayBuffer && bytes.length === bytes.buffer.byteLength) return bytes.buffer;
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

function rangesOf(batches: readonly RecoveredBatch[]): Map<string, TimeRange> {
  const ranges = new Map<string, TimeRange>();
  for (const { entries } of batches) {
    let { start, end } = ranges.get(entries.tenant) ?? { start: entries.times[0] ?? 0n, end: 0n };
    for (const time of entries.times) {
      if (time < start) start = time;
      if (time >= end) end = time + 1n;
    }
    ranges.set(entries.tenant, { start, end });
  }
  return ranges;
}
