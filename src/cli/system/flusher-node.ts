import type { Flusher } from '../../actors/ingester/flusher.js';
import type { TaskPool } from '../../execution/pool.js';
import type { Bucket } from '../../storage/bucket/bucket.js';
import { collectGarbageSoon } from '../../storage/collect-garbage-node.js';
import type { BuildInput, BuildSettings } from '../../storage/dataobj/types.js';
import type { TocWriter } from '../../storage/metastore/toc-writer.js';

/** Memory of stored batches that is worth a collection. */
const COLLECTED_BYTES = 48 << 20;
/** By then the ingester has dropped what was stored. */
const DROPPED_AFTER_MS = 20;

export interface FlusherParts {
  readonly pool: TaskPool;
  readonly bucket: Bucket;
  readonly toc: TocWriter;
  readonly settings: BuildSettings;
  readonly nowMs: () => number;
  /** Told where an object lies once queries see it. */
  readonly onStored?: (path: string) => void;
}

/** Builds on the thread pool, then uploads, then lists: in that order, since a listed object must be readable. */
export class PoolFlusher implements Flusher {
  readonly #with: FlusherParts;
  #storedBytes = 0;

  constructor(parts: FlusherParts) {
    this.#with = parts;
  }

  async store(input: BuildInput): Promise<{ readonly bytes: number }> {
    const { pool, bucket, toc, settings, nowMs, onStored } = this.#with;
    const { bytes, summary } = await pool.build(input, settings);
    if (summary.rows === 0) return { bytes: 0 };
    const path = objectPath(input);
    await bucket.upload(path, bytes);
    await toc.add(input.tenant, { path, summary, created: nowMs() });
    onStored?.(path);
    this.#collect(input);
    return { bytes: bytes.byteLength };
  }

  #collect({ batches }: BuildInput): void {
    for (const { buffer } of batches) this.#storedBytes += buffer.byteLength;
    if (this.#storedBytes < COLLECTED_BYTES) return;
    this.#storedBytes = 0;
    setTimeout(collectGarbageSoon, DROPPED_AFTER_MS).unref();
  }
}

/**
 * Named after what it holds, so that a second attempt replaces the first instead of being listed beside it. Numbers of a
 * writer's log grow with time and are never used twice.
 */
function objectPath({ tenant, window, source }: BuildInput): string {
  const started = new Date(Number(window.start / 1_000_000n)).toISOString().slice(0, 13);
  return `objects/${tenant}/${started}/${source.writer}-${source.fromSeq}-${source.toSeq}.dataobj`;
}
