/** The object store that all processes share, seen from one of them: slow, sometimes away, sometimes ambiguous. */
import type { Bucket, ConditionalUpload, ObjectAttributes, VersionedObject } from '../../src/storage/bucket/bucket.js';
import type { MemoryBucket } from '../../src/storage/bucket/memory.js';
import { raise } from '../../src/wire/fault.js';
import type { SeededRandom } from '../support/random.js';
import type { SimProcess } from './process.js';

/** What is wrong with the store at the moment; shared by all that look at it. */
export interface BucketFaults {
  latencyMs: number;
  /** Chance that a request is refused. */
  refuse: number;
  /** Chance that a write is done and its answer lost. */
  ambiguous: number;
  isDown: boolean;
}

export const CALM_BUCKET: Readonly<BucketFaults> = { latencyMs: 2, refuse: 0, ambiguous: 0, isDown: false };

export class SimBucket implements Bucket {
  readonly #process: SimProcess;
  readonly #store: MemoryBucket;
  readonly #faults: BucketFaults;
  readonly #random: SeededRandom;

  constructor(process: SimProcess, store: MemoryBucket, faults: BucketFaults, random: SeededRandom) {
    this.#process = process;
    this.#store = store;
    this.#faults = faults;
    this.#random = random;
  }

  readonly conditional: ConditionalUpload = {
    get: (name): Promise<VersionedObject | null> => this.#read(`get ${name}`, () => this.#store.conditional.get(name)),
    upload: (name, bytes, expected): Promise<string | null> =>
      this.#write(`swap ${name}`, () => this.#store.conditional.upload(name, bytes, expected)),
  };

  upload(name: string, bytes: Uint8Array): Promise<void> {
    return this.#write(`upload ${name} ${bytes.length}`, () => this.#store.upload(name, bytes));
  }

  get(name: string): Promise<Uint8Array> {
    return this.#read(`get ${name}`, () => this.#store.get(name));
  }

  getRange(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#read(`range ${name} ${offset} ${length}`, () => this.#store.getRange(name, offset, length));
  }

  exists(name: string): Promise<boolean> {
    return this.#read(`exists ${name}`, () => this.#store.exists(name));
  }

  delete(name: string): Promise<void> {
    return this.#write(`delete ${name}`, () => this.#store.delete(name));
  }

  async *iter(directory: string): AsyncIterable<string> {
    const names: string[] = [];
    await this.#read(`list ${directory}`, async () => {
      for await (const name of this.#store.iter(directory)) names.push(name);
    });
    yield* names;
  }

  attributes(name: string): Promise<ObjectAttributes> {
    return this.#read(`head ${name}`, () => this.#store.attributes(name));
  }

  #read<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#request(what, work, 0);
  }

  #write<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#request(what, work, this.#faults.ambiguous);
  }

  /** A request that has been sent happens, also when its sender dies meanwhile. */
  #request<T>(what: string, work: () => Promise<T>, ambiguous: number): Promise<T> {
    const { world } = this.#process;
    const random = this.#random;
    if (this.#process.isDead) return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      const answer = (give: () => void): void => {
        world.after(random.unit() * this.#faults.latencyMs, () => this.#process.whenRunning(give));
      };
      const refused = (kind: 'unavailable' | 'timeout'): void => {
        const { faults } = world;
        faults[`bucket ${kind}`] = (faults[`bucket ${kind}`] ?? 0) + 1;
        answer(() => reject(thrown(() => raise(kind, `the bucket is ${kind}`))));
      };
      world.after(random.unit() * this.#faults.latencyMs, () => {
        world.note(`${this.#process.name} ${what}`);
        if (this.#faults.isDown || random.chance(this.#faults.refuse)) return refused('unavailable');
        work().then(
          (value) => (random.chance(ambiguous) ? refused('timeout') : answer(() => resolve(value))),
          (error: unknown) => answer(() => reject(error)),
        );
      });
    });
  }
}

function thrown(work: () => never): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
