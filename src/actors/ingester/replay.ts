import { CorruptObject } from '../../storage/corrupt.js';
import type { MetastoreReader, WindowCoverage } from '../../storage/metastore/types.js';
import type { WalRecord } from '../../storage/wal/record.js';
import { type EntriesBatch, openEntries } from '../../wire/entries.js';
import type { TimeRange } from '../../wire/time.js';
import type { Recovered } from './events.js';

/** Collects the records of a log as entries batches in memory of their own. */
export class Replay {
  readonly batches: { readonly seq: number; readonly entries: EntriesBatch }[] = [];
  unreadable = 0;

  visit({ seq, payload }: WalRecord): void {
    const buffer = new SharedArrayBuffer(payload.length);
    new Uint8Array(buffer).set(payload);
    try {
      this.batches.push({ seq, entries: openEntries(buffer) });
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
    for (const [tenant, range] of this.#ranges()) {
      try {
        coverage.set(tenant, await metastore.coverage(tenant, writer, range));
      } catch (error) {
        if (!(error instanceof CorruptObject)) throw error;
        onDamage(error);
      }
    }
    return coverage;
  }

  #ranges(): Map<string, TimeRange> {
    const ranges = new Map<string, TimeRange>();
    for (const { entries } of this.batches) {
      let { start, end } = ranges.get(entries.tenant) ?? { start: entries.times[0] ?? 0n, end: 0n };
      for (const time of entries.times) {
        if (time < start) start = time;
        if (time >= end) end = time + 1n;
      }
      ranges.set(entries.tenant, { start, end });
    }
    return ranges;
  }
}
