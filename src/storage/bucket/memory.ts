/** A bucket in memory: for tests, the simulation, and throwaway servers. */
import {
  type Bucket,
  type ConditionalUpload,
  checkDirectory,
  checkName,
  missing,
  type ObjectAttributes,
  type VersionedObject,
} from './bucket.js';

export class MemoryBucket implements Bucket {
  readonly #objects = new Map<string, VersionedObject>();
  #versions = 0;

  readonly conditional: ConditionalUpload = {
    get: async (name) => {
      checkName(name);
      return this.#objects.get(name) ?? null;
    },
    upload: async (name, bytes, expected) => {
      checkName(name);
      if ((this.#objects.get(name)?.version ?? null) !== expected) return null;
      return this.#put(name, bytes);
    },
  };

  async upload(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    this.#put(name, bytes);
  }

  async get(name: string): Promise<Uint8Array> {
    return this.#object(name).bytes;
  }

  async getRange(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#object(name).bytes.subarray(offset, offset + length);
  }

  async exists(name: string): Promise<boolean> {
    checkName(name);
    return this.#objects.has(name);
  }

  async delete(name: string): Promise<void> {
    checkName(name);
    this.#objects.delete(name);
  }

  async *iter(directory: string): AsyncIterable<string> {
    checkDirectory(directory);
    const prefix = directory === '' ? '' : `${directory}/`;
    yield* [...this.#objects.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async attributes(name: string): Promise<ObjectAttributes> {
    const { bytes, version } = this.#object(name);
    return { size: bytes.length, version };
  }

  #put(name: string, bytes: Uint8Array): string {
    const version = String(++this.#versions);
    this.#objects.set(name, { bytes: new Uint8Array(bytes), version });
    return version;
  }

  #object(name: string): VersionedObject {
    checkName(name);
    return this.#objects.get(name) ?? missing(name);
  }
}
