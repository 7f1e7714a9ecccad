import type { Clock } from '../../src/actors/runtime/clock.js';
import type { SeededRandom } from './random.js';
import type { Perform } from './sim-disk.js';

interface Pending {
  readonly run: () => void;
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * One process's view of the world, driven by a seed: operations wait until the scheduler picks one, time passes when it
 * says so. After `crash` nothing of it ever happens again.
 */
export class SimScheduler implements Clock {
  readonly #random: SeededRandom;
  #nowMs: number;
  #pending: Pending[] = [];
  #timers: Timer[] = [];

  constructor(random: SeededRandom, nowMs: number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  get pending(): number {
    return this.#pending.length;
  }

  get timers(): number {
    return this.#timers.length;
  }

  now(): bigint {
    return BigInt(Math.floor(this.#nowMs)) * 1_000_000n;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run: task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  readonly perform: Perform = (_, work) =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.#pending.push({ run });
    });

  /** Lets one of the waiting operations happen, and everything that follows from it at once. */
  async runOne(): Promise<void> {
    const [picked] = this.#pending.splice(this.#random.below(this.#pending.length), 1);
    picked?.run();
    await this.settle();
  }

  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    for (;;) {
      const next = this.#timers.reduce<Timer | null>((a, b) => (a && a.atMs <= b.atMs ? a : b), null);
      if (!next || next.atMs > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.atMs;
      next.run();
      await this.settle();
    }
    this.#nowMs = end;
  }

  crash(): void {
    this.#pending = [];
    this.#timers = [];
  }

  /** All promises that can settle have settled. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
