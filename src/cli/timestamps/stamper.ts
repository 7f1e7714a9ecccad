import type { Nanos } from '../../wire/time.js';

/** Times remembered at least; one that comes back later than that is taken for a new one. */
const REMEMBERED = 262_144;

/**
 * Makes the times of one stream differ: a time that was given out before moves on to the next free nanosecond, so that
 * equal lines at equal times are not taken for duplicates.
 */
export class Stamper {
  /** From a time given out to one that may be free: a union-find forest with paths cut short on the way. */
  #young = new Map<Nanos, Nanos>();
  /** The generation before, dropped whole when the young one is full. */
  #old = new Map<Nanos, Nanos>();

  stamp(time: Nanos): Nanos {
    let free = time;
    for (let next = this.#next(free); next !== undefined; next = this.#next(free)) free = next;
    this.#remember(time, free + 1n);
    if (free !== time) this.#remember(free, free + 1n);
    return free;
  }

  #next(time: Nanos): Nanos | undefined {
    return this.#young.get(time) ?? this.#old.get(time);
  }

  #remember(time: Nanos, next: Nanos): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(time, next);
  }
}
