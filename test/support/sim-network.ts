/** Processes joined by a network that loses, delays, repeats and reorders what they say, in simulated time. */
import type { Clock } from '../../src/actors/runtime/clock.js';
import { hasSignal, RemoteSignals, withoutSignal } from '../../src/actors/runtime/remote-signals.js';
import { type AskOptions, faultReply, type Receive, type Router } from '../../src/actors/runtime/router.js';
import { LocalRouter } from '../../src/actors/runtime/router-local.js';
import { fault } from '../../src/wire/fault.js';
import type { Message, Reply } from '../../src/wire/message.js';
import type { SeededRandom } from './random.js';
import type { SimScheduler } from './sim-scheduler.js';
import { transferred } from './transfer.js';

export interface NetworkFaults {
  readonly drop: number;
  readonly duplicate: number;
  /** Every message takes from 1 to so many ms, so that they overtake each other. */
  readonly delayMs: number;
}

export const NO_FAULTS: NetworkFaults = { drop: 0, duplicate: 0, delayMs: 1 };

export class SimNetwork {
  readonly clock: SimScheduler;
  readonly homes = new Map<string, Set<SimProcess>>();
  faults: NetworkFaults = NO_FAULTS;
  /** FNV-1a over everything that arrived, and when. */
  trace = 0x811c9dc5;
  arrived = 0;
  asks = 0;
  lost = 0;
  readonly #random: SeededRandom;

  constructor(clock: SimScheduler, random: SeededRandom) {
    this.clock = clock;
    this.#random = random;
  }

  /** What happens at the other end happens never, once or twice, after a while. */
  carry(from: SimProcess, what: string, arrive: () => void): void {
    if (from.dead) return;
    if (from.paused) return void from.held.push(() => this.carry(from, what, arrive));
    const { drop, duplicate, delayMs } = this.faults;
    const copies = this.#random.chance(drop) ? 0 : this.#random.chance(duplicate) ? 2 : 1;
    if (copies === 0) this.lost++;
    for (let i = 0; i < copies; i++) {
      this.clock.after(1 + this.#random.below(delayMs), () => {
        this.note(what);
        arrive();
      });
    }
  }

  note(what: string): void {
    this.arrived++;
    for (const byte of Buffer.from(`${this.clock.monotonicMs()} ${what}\n`))
      this.trace = Math.imul(this.trace ^ byte, 0x01000193) >>> 0;
  }
}

/** One process: its actors reach each other directly, everyone else through the network. It can be paused and killed. */
export class SimProcess implements Router, Clock {
  dead = false;
  paused = false;
  /** What waits for it to go on. */
  readonly held: (() => void)[] = [];
  readonly addresses = new Set<string>();
  readonly #network: SimNetwork;
  readonly #local: LocalRouter;
  readonly #signals = new RemoteSignals();

  constructor(network: SimNetwork) {
    this.#network = network;
    this.#local = new LocalRouter({ clock: this, transfer: transferred });
  }

  now(): bigint {
    return this.#network.clock.now();
  }

  monotonicMs(): number {
    return this.#network.clock.monotonicMs();
  }

  after(delayMs: number, task: () => void): () => void {
    let cancelled = false;
    const cancel = this.#network.clock.after(delayMs, () => this.#whenRunning(() => !cancelled && task()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  register(address: string, receive: Receive, mailboxMessagesMax?: number): () => void {
    const unregister = this.#local.register(address, receive, mailboxMessagesMax);
    const { homes } = this.#network;
    const home = homes.get(address) ?? new Set();
    homes.set(address, home.add(this));
    this.addresses.add(address);
    return () => {
      unregister();
      this.#leave(address);
    };
  }

  tell(from: string, to: string, message: Message): void {
    if (this.dead) return;
    if (this.addresses.has(to)) return this.#local.tell(from, to, message);
    const sent = transferred(message);
    this.#network.carry(this, `${from} ${to} ${message.kind}`, () => {
      for (const home of this.#network.homes.get(to) ?? []) home.#whenRunning(() => home.#local.tell(from, to, sent));
    });
  }

  ask(from: string, to: string, message: Message, options: AskOptions): Promise<Reply> {
    if (this.addresses.has(to)) return this.#local.ask(from, to, message, options);
    return new Promise((resolve) => {
      const settle = (reply: Reply): void => {
        cancel();
        options.signal?.removeEventListener('abort', onAbort);
        resolve(reply);
      };
      const key = `ask ${this.#network.asks++}`;
      const onAbort = (): void => {
        settle(faultReply(fault('cancelled', 'the request was cancelled by the client')));
        if (!hasSignal(message)) return;
        this.#network.carry(this, `${from} ${to} cancel`, () => {
          for (const home of this.#network.homes.get(to) ?? []) home.#whenRunning(() => home.#signals.abort(key));
        });
      };
      const cancel = this.after(options.timeoutMs, () => settle(faultReply(fault('timeout', `${to} did not answer`))));
      if (options.signal?.aborted) return onAbort();
      options.signal?.addEventListener('abort', onAbort, { once: true });
      const sent = transferred(withoutSignal(message));
      this.#network.carry(this, `${from} ${to} ask ${message.kind}`, () => {
        const homes = this.#network.homes.get(to);
        if (!homes?.size) return settle(faultReply(fault('unavailable', `nobody answers at ${to}`)));
        for (const home of homes) {
          const reply = (value: Reply): void => {
            home.#signals.close(key);
            this.#network.carry(home, `${to} ${from} reply ${value.kind}`, () =>
              this.#whenRunning(() => settle(value)),
            );
          };
          home.#whenRunning(() => {
            const signalled = home.#signals.attach(key, sent);
            home.#local.deliver({ from, to, message: signalled, ask: { id: '', reply } });
          });
        }
      });
    });
  }

  /** As SIGSTOP; what comes meanwhile waits. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const task of this.held.splice(0)) this.#whenRunning(task);
  }

  /** As `kill -9`: nothing of it ever happens again. */
  kill(): void {
    this.dead = true;
    for (const address of [...this.addresses]) this.#leave(address);
  }

  #leave(address: string): void {
    this.addresses.delete(address);
    const home = this.#network.homes.get(address);
    home?.delete(this);
    if (home?.size === 0) this.#network.homes.delete(address);
  }

  #whenRunning(task: () => void): void {
    if (this.dead) return;
    if (this.paused) this.held.push(task);
    else task();
  }
}
