/**
 * Open objects, kept while they fit: an object is immutable, so what has been read of it stays right. Of two that are drawn
 * the one used longer ago makes room (the power of two choices: Mitzenmacher 2001): were it always the oldest, questions
 * over all objects would find none again as soon as one more is stored than fits.
 */
import { type Bucket, bucketReader } from '../bucket/bucket.js';
import { type CacheCounts, NOTHING_CACHED } from './cache-counts.js';
import { type DataObject, openObject } from './object.js';
import { PageCache } from './page-cache.js';

interface CachedObject {
  readonly opening: Promise<DataObject>;
  /** What the object kept in memory when it was last asked for; 0 while it is being opened. */
  bytes: number;
  /** The number of the last question for it. */
  usedAt: number;
}

export class ObjectCache {
  readonly #bucket: Bucket;
  readonly #bytesMax: number;
  readonly #pages: PageCache | undefined;
  readonly #objects = new Map<string, CachedObject>();
  #residentBytes = 0;
  #evicted = 0;
  #questions = 0;
  #drawn = 1;

  /** `pageBytesMax`: besides, for pages of all objects. */
  constructor(bucket: Bucket, bytesMax: number, pageBytesMax = 0) {
    this.#bucket = bucket;
    if (pageBytesMax > 0) this.#pages = new PageCache(pageBytesMax);
    this.#bytesMax = bytesMax;
  }

  /** Bytes that open objects keep in memory. */
  get residentBytes(): number {
    return this.#residentBytes;
  }

  counts(): CacheCounts {
    const own = { objects: this.#objects.size, objectBytes: this.#residentBytes, objectsEvicted: this.#evicted };
    return { ...NOTHING_CACHED, ...this.#pages?.counts(), ...own };
  }

  /** A known size saves a request. Throws CorruptObject, or a FaultError when the bucket cannot be read. */
  async open(path: string, size?: number): Promise<DataObject> {
    const cached = this.#objects.get(path) ?? { opening: this.#read(path, size), bytes: 0, usedAt: 0 };
    cached.usedAt = ++this.#questions;
    this.#objects.set(path, cached);
    try {
      const object = await cached.opening;
      if (this.#objects.get(path) === cached) this.#account(cached, object.residentBytes);
      this.#evict(cached);
      return object;
    } catch (error) {
      if (this.#objects.get(path) === cached) this.forget(path);
      throw error;
    }
  }

  /** Objects are deleted some time after nothing refers to them any more; this frees their memory at once. */
  forget(path: string): void {
    const cached = this.#objects.get(path);
    if (cached === undefined) return;
    this.#objects.delete(path);
    this.#residentBytes -= cached.bytes;
  }

  /** Objects grow as their parts are read. */
  #account(cached: CachedObject, bytes: number): void {
    this.#residentBytes += bytes - cached.bytes;
    cached.bytes = bytes;
  }

  #evict(keep: CachedObject): void {
    while (this.#residentBytes > this.#bytesMax) {
      const others = [...this.#objects].filter(([, cached]) => cached !== keep && cached.bytes > 0);
      if (others.length === 0) return;
      const first = this.#draw(others.length);
      const second = (first + 1 + this.#draw(others.length - 1)) % others.length;
      const [path] = others[first]![1].usedAt < others[second]![1].usedAt ? others[first]! : others[second]!;
      this.forget(path);
      this.#evicted++;
    }
  }

  /** One of 0..count-1, from a sequence that is the same in each run (Numerical Recipes' linear congruence). */
  #draw(count: number): number {
    this.#drawn = (Math.imul(this.#drawn, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#drawn / 2 ** 32) * count);
  }

  async #read(path: string, size: number | undefined): Promise<DataObject> {
    const bytes = size ?? (await this.#bucket.attributes(path)).size;
    return openObject(bucketReader(this.#bucket, path, bytes), path, this.#pages);
  }
}
