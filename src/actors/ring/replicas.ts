import type { RingInstance } from './instances.js';
import { hashRing, type Ring } from './ring.js';

/** Token look-ups remembered; a push asks for the same streams again and again. */
const REMEMBERED_MAX = 100_000;

/**
 * Which instances hold a stream: the first distinct ones along the ring that are ACTIVE, in as many zones as there are.
 * Others are passed over and the next one stands in, so a stream keeps its number of copies while instances come and go.
 */
export class ReplicaRing {
  readonly #ring: Ring;
  readonly #zones: ReadonlyMap<string, string>;
  readonly #perZone: number;
  readonly #count: number;
  readonly #known = new Map<number, readonly string[]>();

  constructor(instances: readonly RingInstance[], replicationFactor: number) {
    const active = instances.filter(({ state }) => state === 'ACTIVE');
    this.#ring = hashRing(active.map(({ name }) => name));
    this.#zones = new Map(active.map(({ name, zone }) => [name, zone]));
    this.#count = Math.min(replicationFactor, active.length);
    this.#perZone = Math.ceil(this.#count / Math.max(1, new Set(this.#zones.values()).size));
  }

  /** Owner first; fewer than the replication factor when there are fewer instances. */
  owners(token: number): readonly string[] {
    const known = this.#known.get(token);
    if (known) return known;
    const owners = this.#place(String(token));
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    this.#known.set(token, owners);
    return owners;
  }

  /** The part of all streams, up to 1, that each ACTIVE instance is the owner of. */
  shares(): ReadonlyMap<string, number> {
    return this.#ring.shares();
  }

  #place(key: string): readonly string[] {
    if (this.#perZone >= this.#count) return this.#ring.owners(key, this.#count);
    const chosen: string[] = [];
    const passed: string[] = [];
    const inZone = new Map<string, number>();
    for (const name of this.#ring.owners(key, this.#zones.size)) {
      const zone = this.#zones.get(name)!;
      const taken = inZone.get(zone) ?? 0;
      if (taken === this.#perZone) passed.push(name);
      else {
        inZone.set(zone, taken + 1);
        if (chosen.push(name) === this.#count) return chosen;
      }
    }
    return [...chosen, ...passed].slice(0, this.#count); // zones of very different sizes
  }
}
