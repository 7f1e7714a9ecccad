import { getOrCreate } from '../../wire/get-or-create.js';
import { parseLabelText } from '../../wire/label-text.js';
import { PatternStream } from './stream.js';

interface Tenant {
  /** By label text; those not seen for longest come first. */
  readonly streams: Map<string, Held>;
  memoryBytes: number;
}

interface Held {
  readonly stream: PatternStream;
  /** As counted in the totals. */
  memoryBytes: number;
}

/** The streams of all tenants that have patterns, within a bound of memory. */
export class PatternTenants {
  readonly #memoryBytesMax: number;
  readonly #tenants = new Map<string, Tenant>();
  #memoryBytes = 0;
  streamsForgotten = 0;

  constructor(memoryBytesMax: number) {
    this.#memoryBytesMax = memoryBytesMax;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Streams of a tenant. */
  *streams(tenant: string): Generator<PatternStream> {
    for (const { stream } of this.#tenants.get(tenant)?.streams.values() ?? []) yield stream;
  }

  *all(): Generator<PatternStream> {
    for (const tenant of this.#tenants.keys()) yield* this.streams(tenant);
  }

  /** Lets `change` a stream, which is the one seen last from now on; a text that is no label set has no stream. */
  update(name: string, key: string, change: (stream: PatternStream) => void): void {
    const tenant = getOrCreate(this.#tenants, name, () => ({ streams: new Map<string, Held>(), memoryBytes: 0 }));
    const held = tenant.streams.get(key) ?? newHeld(key);
    if (held === null) return;
    tenant.streams.delete(key);
    tenant.streams.set(key, held);
    change(held.stream);
    this.#account(tenant, held);
    if (this.#memoryBytes > this.#memoryBytesMax) this.#makeRoom();
  }

  /** Forgets counts before an interval, and whatever has none left. */
  forgetBefore(interval: number): void {
    for (const [name, tenant] of this.#tenants) {
      for (const [key, held] of tenant.streams) {
        held.stream.forgetBefore(interval);
        if (held.stream.levels.size === 0) this.#drop(tenant, key, held);
        else this.#account(tenant, held);
      }
      if (tenant.streams.size === 0) this.#tenants.delete(name);
    }
  }

  #account(tenant: Tenant, held: Held): void {
    const now = held.stream.memoryBytes;
    tenant.memoryBytes += now - held.memoryBytes;
    this.#memoryBytes += now - held.memoryBytes;
    held.memoryBytes = now;
  }

  /** A tenant with many patterns cannot push out those of others. */
  #makeRoom(): void {
    while (this.#memoryBytes > this.#memoryBytesMax) {
      let largest: Tenant | null = null;
      for (const tenant of this.#tenants.values()) {
        if (largest === null || tenant.memoryBytes > largest.memoryBytes) largest = tenant;
      }
      const oldest = largest?.streams.entries().next().value;
      if (!largest || !oldest) return;
      this.#drop(largest, ...oldest);
      this.streamsForgotten++;
    }
  }

  #drop(tenant: Tenant, key: string, held: Held): void {
    tenant.streams.delete(key);
    tenant.memoryBytes -= held.memoryBytes;
    this.#memoryBytes -= held.memoryBytes;
  }
}

function newHeld(key: string): Held | null {
  const labels = parseLabelText(key);
  return labels && { stream: new PatternStream(labels), memoryBytes: 0 };
}
