/**
 * A NATS server and the connections to it, as far as the router uses them. Messages are bytes; they may be lost, late,
 * doubled and out of order, be cut off in one direction, and are all gone when the server restarts.
 */
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { SeededRandom } from '../support/random.js';
import type { SimProcess } from './process.js';
import type { World } from './world.js';

export interface NetworkFaults {
  readonly drop: number;
  readonly duplicate: number;
  /** Messages take from 0.2 ms to so many. */
  readonly delayMs: number;
  /** Of two messages between the same two the later one may arrive first. */
  readonly reorder: boolean;
}

export const CALM: NetworkFaults = { drop: 0, duplicate: 0, delayMs: 1, reorder: false };

type Callback = (error: Error | null, packet: Msg) => void;

interface Listener {
  readonly connection: SimConnection;
  readonly callback: Callback;
}

export class SimNats {
  readonly world: World;
  readonly maxPayload: number;
  faults: NetworkFaults = CALM;
  /** Pairs `from>to` of processes between which nothing passes. */
  readonly cut = new Set<string>();
  isUp = true;
  messages = 0;
  bytes = 0;
  readonly #random: SeededRandom;
  readonly #connections = new Set<SimConnection>();
  readonly #listeners = new Map<string, Set<Listener>>();
  /** When the last message from one process to another arrives. */
  readonly #lastMs = new Map<string, number>();
  #life = 0;

  constructor(world: World, maxPayload: number) {
    this.world = world;
    this.maxPayload = maxPayload;
    this.#random = world.random();
  }

  /** Subjects that somebody listens to. */
  get subjects(): string[] {
    return [...this.#listeners.keys()];
  }

  /** Of the server: another one after every stop. */
  get life(): number {
    return this.#life;
  }

  connect(process: SimProcess): SimConnection {
    const connection = new SimConnection(this, process);
    this.#connections.add(connection);
    return connection;
  }

  disconnect(connection: SimConnection): void {
    this.#connections.delete(connection);
    for (const [subject, listeners] of this.#listeners) {
      for (const listener of [...listeners]) if (listener.connection === connection) listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(subject);
    }
  }

  /** Everything under way is lost. */
  stop(): void {
    this.isUp = false;
    this.#life++;
    for (const connection of this.#connections) connection.report('disconnect');
  }

  start(): void {
    this.isUp = true;
    for (const connection of this.#connections) connection.report('reconnect');
  }

  listen(subject: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(subject) === listeners) this.#listeners.delete(subject);
    };
  }

  publish(from: SimConnection, subject: string, data: Uint8Array, reply: string | undefined): void {
    if (!this.isUp) return;
    this.messages++;
    this.bytes += data.length;
    const listeners = this.#find(subject);
    if (listeners.length === 0) {
      if (reply === undefined) return;
      const none = { subject: reply, data: new Uint8Array(0), headers: { code: 503 } } as unknown as Msg;
      for (const listener of this.#find(reply)) this.#carry(from, listener, none);
      return;
    }
    // As over a wire: the receiver must not see what becomes of the sender's memory.
    const packet = { subject, data: Buffer.from(data) } as unknown as Msg;
    for (const listener of listeners) this.#carry(from, listener, packet);
  }

  #find(subject: string): Listener[] {
    const exact = this.#listeners.get(subject);
    const dot = subject.lastIndexOf('.');
    const wild = this.#listeners.get(`${subject.slice(0, dot)}.*`);
    return [...(exact ?? []), ...(wild ?? [])];
  }

  #carry(from: SimConnection, to: Listener, packet: Msg): void {
    const link = `${from.process.name}>${to.connection.process.name}`;
    this.carry(link, () => {
      this.world.note(`${link} ${packet.subject} ${packet.data.length}`, checksum(packet.data));
      to.connection.process.whenRunning(() => to.callback(null, packet));
    });
  }

  /** Something goes from one to another, and arrives late, twice, or never. */
  carry(link: string, arrive: () => unknown): void {
    if (!this.isUp) return;
    const random = this.#random;
    const { drop, duplicate, delayMs, reorder } = this.faults;
    if (this.cut.has(link)) return this.#count('message cut off');
    if (random.chance(drop)) return this.#count('message lost');
    const copies = random.chance(duplicate) ? 2 : 1;
    if (copies === 2) this.#count('message doubled');
    const life = this.#life;
    for (let i = 0; i < copies; i++) {
      let atMs = this.world.nowMs + 0.2 + random.unit() * delayMs;
      if (!reorder) atMs = Math.max(atMs, this.#lastMs.get(link) ?? 0);
      this.#lastMs.set(link, atMs);
      this.world.after(atMs - this.world.nowMs, () => {
        if (life === this.#life) arrive();
      });
    }
  }

  #count(what: string): void {
    this.world.faults[what] = (this.world.faults[what] ?? 0) + 1;
  }
}

/** What the router is given. Reports of the connection reach it as those of the real client do. */
export class SimConnection {
  readonly process: SimProcess;
  readonly #nats: SimNats;
  readonly #statuses: { readonly type: string }[] = [];
  #wake: () => void = () => undefined;

  constructor(nats: SimNats, process: SimProcess) {
    this.#nats = nats;
    this.process = process;
    if (!nats.isUp) this.report('disconnect');
  }

  /** The part of the interface that is here is all that the router uses. */
  get asClient(): NatsConnection {
    return this as unknown as NatsConnection;
  }

  get info(): { readonly max_payload: number } {
    return { max_payload: this.#nats.maxPayload };
  }

  isClosed(): boolean {
    return false;
  }

  subscribe(subject: string, { callback }: { readonly callback: Callback }): Subscription {
    const unsubscribe = this.#nats.listen(subject, { connection: this, callback });
    return { unsubscribe } as Subscription;
  }

  publish(subject: string, data: Uint8Array, { reply }: { readonly reply?: string } = {}): void {
    if (!this.process.isDead) this.#nats.publish(this, subject, data, reply);
  }

  async *status(): AsyncGenerator<{ readonly type: string }> {
    for (;;) {
      const next = this.#statuses.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  report(type: string): void {
    this.process.whenRunning(() => {
      this.#statuses.push({ type });
      this.#wake();
    });
  }
}

function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}
