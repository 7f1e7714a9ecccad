/** Open objects, kept while they fit: an object is immutable, so what has been read of it stays right. */
import { type Bucket, bucketReader } from '../bucket/bucket.js';
import { type DataObject, openObject } from './object.js';

interface CachedObject {
  readonly opening: Promise<DataObject>;
  object: DataObject | undefined;
}

export class ObjectCache {
  readonly #bucket: Bucket;
  readonly #bytesMax: number;
  /** In order of last use, oldest first. */
  readonly #objects = new Map<string, CachedObject>();

  constructor(bucket: Bucket, bytesMax: number) {
    this.#bucket = bucket;
    this.#bytesMax = bytesMax;
  }

  /** Bytes that open objects keep in memory. */
  get residentBytes(): number {
    let sum = 0;
    for (const { object } of this.#objects.values()) sum += object?.residentBytes ?? 0;
    return sum;
  }

  /** A known size saves a request. Throws CorruptObject, or a FaultError when the bucket cannot be read. */
  async open(path: string, size?: number): Promise<DataObject> {
    const cached = this.#objects.get(path) ?? { opening: this.#read(path, size), object: undefined };
    this.#objects.delete(path);
    this.#objects.set(path, cached);
    try {
      cached.object = await cached.opening;
    } catch (error) {
      if (this.#objects.get(path) === cached) this.#objects.delete(path);
      throw error;
    }
    this.#evict(cached);
    return cached.object;
  }

  /** Objects are deleted some time after nothing refers to them any more; this frees their memory at once. */
  forget(path: string): void {
    this.#objects.delete(path);
  }

  async #read(path: string, size: number | undefined): Promise<DataObject> {
    const bytes = size ?? (await this.#bucket.attributes(path)).size;
    return openObject(bucketReader(this.#bucket, path, bytes), path);
  }

  /** Objects grow as their parts are read, so the bound is enforced whenever one is opened. */
  #evict(keep: CachedObject): void {
    let resident = this.residentBytes;
    for (const [path, cached] of this.#objects) {
      if (resident <= this.#bytesMax) return;
      if (cached === keep || cached.object === undefined) continue;
      resident -= cached.object.residentBytes;
      this.#objects.delete(path);
    }
  }
}
