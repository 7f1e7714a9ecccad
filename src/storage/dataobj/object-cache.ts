/** Open objects, kept while they fit: an object is immutable, so what has been read of it stays right. */
import { type Bucket, bucketReader } from '../bucket/bucket.js';
import { type DataObject, openObject } from './object.js';

interface CachedObject {
  readonly opening: Promise<DataObject>;
  /** What the object kept in memory when it was last asked for; 0 while it is being opened. */
  bytes: number;
}

export class ObjectCache {
  readonly #bucket: Bucket;
  readonly #bytesMax: number;
  /** In order of last use, oldest first. */
  readonly #objects = new Map<string, CachedObject>();
  #residentBytes = 0;

  constructor(bucket: Bucket, bytesMax: number) {
    this.#bucket = bucket;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that open objects keep in memory. */
  get residentBytes(): number {
    return this.#residentBytes;
  }

  /** A known size saves a request. Throws CorruptObject, or a FaultError when the bucket cannot be read. */
  async open(path: string, size?: number): Promise<DataObject> {
    const cached = this.#objects.get(path) ?? { opening: this.#read(path, size), bytes: 0 };
    this.#objects.delete(path);
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
    for (const [path, cached] of this.#objects) {
      if (this.#residentBytes <= this.#bytesMax) return;
      if (cached !== keep && cached.bytes > 0) this.forget(path);
    }
  }

  async #read(path: string, size: number | undefined): Promise<DataObject> {
    const bytes = size ?? (await this.#bucket.attributes(path)).size;
    return openObject(bucketReader(this.#bucket, path, bytes), path);
  }
}
