import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { Clock, Random } from './clock.js';

/** The machine's clock. Wall time is read once and advanced by the monotonic clock between re-readings each second. */
export class NodeClock implements Clock {
  #wall = BigInt(Date.now()) * 1_000_000n;
  #readAt = process.hrtime.bigint();

  now(): bigint {
    const elapsed = process.hrtime.bigint() - this.#readAt;
    if (elapsed > 1_000_000_000n) {
      this.#wall = BigInt(Date.now()) * 1_000_000n;
      this.#readAt = process.hrtime.bigint();
      return this.#wall;
    }
    return this.#wall + elapsed;
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, task: () => void): () => void {
    if (delayMs === 0) {
      const soon = setImmediate(task); // a timer takes a millisecond at least
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
}

/** Fractions for digits of 5 bits, of random bytes that are asked for many at a time: each call costs a microsecond. */
function pooledFractions(): () => number {
  const pool = new Uint8Array(4096);
  let next = pool.length;
  return () => {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++]! / 256;
  };
}

export class NodeRandom implements Random {
  readonly #next = monotonicFactory(pooledFractions());

  ulid(): string {
    return this.#next();
  }

  unit(): number {
    return Math.random();
  }
}
