/** One process of the cluster: a clock of its own, and whatever makes it stop. */
import type { Clock, Random } from '../../src/actors/runtime/clock.js';
import type { SeededRandom } from '../support/random.js';
import type { World } from './world.js';

/** 2026-11-01T09:00:00Z in ms: three hours before the next window of objects begins. */
export const WALL0_MS = 1_793_523_600_000;

/** Hardware that outlives processes: wall time that drifts and steps. */
export class WallClock {
  /** Seconds of it in a true second; monotonic time has the same rate. */
  readonly rate: number;
  offsetMs: number;
  readonly #world: World;

  constructor(world: World, rate: number, offsetMs: number) {
    this.#world = world;
    this.rate = rate;
    this.offsetMs = offsetMs;
  }

  get monotonicMs(): number {
    return this.#world.nowMs * this.rate;
  }

  /** ns */
  get wall(): bigint {
    const micros = Math.round((WALL0_MS + this.offsetMs + this.monotonicMs) * 1000);
    return BigInt(micros) * 1000n;
  }
}

export class SimProcess implements Clock, Random {
  readonly name: string;
  readonly world: World;
  isDead = false;
  /** Told of its death: whoever has a connection to it. */
  readonly watchers = new Set<() => void>();
  readonly #wall: WallClock;
  readonly #random: SeededRandom;
  #paused = false;
  /** What came due while it was stopped. */
  readonly #held: (() => void)[] = [];
  #ids = 0;

  constructor(world: World, name: string, wall: WallClock, random: SeededRandom) {
    this.world = world;
    this.name = name;
    this.#wall = wall;
    this.#random = random;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  now(): bigint {
    return this.#wall.wall;
  }

  monotonicMs(): number {
    return this.#wall.monotonicMs;
  }

  after(delayMs: number, task: () => void): () => void {
    let cancelled = false;
    const cancel = this.world.after(delayMs / this.#wall.rate, () => this.whenRunning(() => cancelled || task()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  ulid(): string {
    return `${this.name}:${++this.#ids}:${Math.floor(this.#random.unit() * 0xffffffff).toString(36)}`;
  }

  unit(): number {
    return this.#random.unit();
  }

  /** Now, after the pause, or never. */
  whenRunning(task: () => void): void {
    if (this.isDead) return;
    if (this.#paused) this.#held.push(task);
    else task();
  }

  /** As SIGSTOP. */
  pause(): void {
    this.#paused = true;
  }

  /** As SIGCONT. Everything that waited happens at once, but not in one go. */
  resume(): void {
    this.#paused = false;
    for (const task of this.#held.splice(0)) this.world.after(0, () => this.whenRunning(task));
  }

  kill(): void {
    this.isDead = true;
    this.#held.length = 0;
    for (const watcher of this.watchers) watcher();
  }
}
