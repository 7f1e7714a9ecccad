import type { Flusher } from '../actors/ingester/flusher.js';
import type { Random } from '../actors/runtime/clock.js';
import type { TaskPool } from '../execution/pool.js';
import type { Bucket } from '../storage/bucket/bucket.js';
import type { BuildInput, BuildSettings } from '../storage/dataobj/types.js';
import type { TocWriter } from '../storage/metastore/toc-writer.js';

/** Objects of one tenant lie in a folder; names grow with time and are never used twice. */
export class PoolFlusher implements Flusher {
  readonly #pool: TaskPool;
  readonly #bucket: Bucket;
  readonly #toc: TocWriter;
  readonly #random: Random;
  readonly #settings: BuildSettings;

  constructor(pool: TaskPool, bucket: Bucket, toc: TocWriter, random: Random, settings: BuildSettings) {
    this.#pool = pool;
    this.#bucket = bucket;
    this.#toc = toc;
    this.#random = random;
    this.#settings = settings;
  }

  async store(input: BuildInput): Promise<{ readonly bytes: number }> {
    const { bytes, summary } = await this.#pool.build(input, this.#settings);
    if (summary.rows === 0) return { bytes: 0 };
    const path = `objects/${input.tenant}/${this.#random.ulid()}.dataobj`;
    await this.#bucket.upload(path, bytes);
    await this.#toc.add(input.tenant, { path, summary, created: Date.now() });
    return { bytes: bytes.byteLength };
  }
}
