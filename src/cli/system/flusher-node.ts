import type { Flusher } from '../../actors/ingester/flusher.js';
import type { TaskPool } from '../../execution/pool.js';
import type { Bucket } from '../../storage/bucket/bucket.js';
import type { BuildInput, BuildSettings } from '../../storage/dataobj/types.js';
import type { TocWriter } from '../../storage/metastore/toc-writer.js';

/** Builds on the thread pool, then uploads, then lists: in that order, since a listed object must be readable. */
export class PoolFlusher implements Flusher {
  readonly #pool: TaskPool;
  readonly #bucket: Bucket;
  readonly #toc: TocWriter;
  readonly #settings: BuildSettings;
  readonly #onStored: (path: string) => void;
  readonly #nowMs: () => number;

  /** `onStored` is told where an object lies once queries see it. */
  constructor(
    pool: TaskPool,
    bucket: Bucket,
    toc: TocWriter,
    settings: BuildSettings,
    nowMs: () => number = Date.now,
    onStored: (path: string) => void = () => {},
  ) {
    this.#pool = pool;
    this.#bucket = bucket;
    this.#toc = toc;
    this.#settings = settings;
    this.#onStored = onStored;
    this.#nowMs = nowMs;
  }

  async store(input: BuildInput): Promise<{ readonly bytes: number }> {
    const { bytes, summary } = await this.#pool.build(input, this.#settings);
    if (summary.rows === 0) return { bytes: 0 };
    const path = objectPath(input);
    await this.#bucket.upload(path, bytes);
    await this.#toc.add(input.tenant, { path, summary, created: this.#nowMs() });
    this.#onStored(path);
    return { bytes: bytes.byteLength };
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
