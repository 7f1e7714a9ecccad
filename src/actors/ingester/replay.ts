import { CorruptObject } from '../../storage/corrupt.js';
import type { MetastoreReader, WindowCopies, WindowCoverage } from '../../storage/metastore/types.js';
import { decodeCopyHead } from '../../storage/wal/copy-head.js';
import type { WalRecord } from '../../storage/wal/record.js';
import { BatchNames } from '../../wire/batch-names.js';
import { openEntries } from '../../wire/entries.js';
import { notStored, type StoredByTenant } from './copies/proof.js';
import type { Recovered } from './events.js';
import { type FoundSegment, rangesOf } from './logged/choose.js';
import { ownMemory } from './logged/own-memory.js';
import type { Fingerprint } from './recent.js';

/** What a replay has to know to leave out of memory what objects hold. */
export interface ReplayContext {
  readonly stored: StoredByTenant;
  readonly objectWindowMs: number;
  readonly fingerprint: Fingerprint;
}

/** Collects the records of a log as entries batches in memory of their own, but for those that objects hold: of these it notes what they were. */
export class Replay {
  readonly batches: Recovered['batches'][number][] = [];
  unreadable = 0;
  /** Of batches that were left out. */
  leftOutBytes = 0;
  readonly #names = new BatchNames();
  readonly #with: ReplayContext;

  constructor(context: ReplayContext) {
    this.#with = context;
  }

  visit({ seq, payload }: WalRecord): void {
    try {
      const { copy, headBytes } = decodeCopyHead(payload) ?? { copy: null, headBytes: 0 };
      const entries = openEntries(ownMemory(payload.subarray(headBytes)), this.#names);
      const named = copy ? { seq, copy } : { seq };
      const { stored, objectWindowMs, fingerprint } = this.#with;
      if (notStored({ ...named, entries }, stored, objectWindowMs)) this.batches.push({ ...named, entries });
      else {
        const { tenant, buffer } = entries;
        const known = { tenant, length: buffer.byteLength, fingerprint: fingerprint(new Uint8Array(buffer)) };
        this.batches.push({ ...named, ...known });
        this.leftOutBytes += known.length;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.unreadable++;
    }
  }
}

/**
 * Asks what objects hold already of the tenants and times in the log. A damaged table of contents holds nothing, and is
 * reported: better an entry twice, for queries to merge, than none. Rejects for any other reason.
 */
export async function coverageOf(
  found: readonly FoundSegment[],
  writer: string,
  metastore: Pick<MetastoreReader, 'coverage'>,
  onDamage: (damage: CorruptObject) => void,
): Promise<Recovered['coverage']> {
  const coverage = new Map<string, readonly WindowCoverage[]>();
  for (const [tenant, range] of rangesOf(found.map(({ made }) => made))) {
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
export async function copiesOf(
  found: readonly FoundSegment[],
  metastore: Pick<MetastoreReader, 'copies'>,
): Promise<ReadonlyMap<string, readonly WindowCopies[]>> {
  const copies = new Map<string, readonly WindowCopies[]>();
  const replicated = found.map(({ made }) => made).filter(({ isMixed }) => isMixed);
  for (const [tenant, range] of rangesOf(replicated)) copies.set(tenant, await metastore.copies(tenant, range));
  return copies;
}
