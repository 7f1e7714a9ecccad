/** Draws faults by a seed, one after the other in each lane, until time is up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/random.js';
import type { Fault } from './faults.js';

export interface Happened {
  readonly kind: string;
  readonly target: string;
  readonly seconds: number;
}

export interface Lane {
  readonly faults: readonly Fault[];
  /** Calm between two faults, in seconds. */
  readonly calm: readonly [least: number, most: number];
}

/** Every fault of the lane comes once before any comes twice. Throws when a member does not come back. */
export async function storm(
  lane: Lane,
  random: SeededRandom,
  untilMs: number,
  onFault: (fault: Happened) => void,
): Promise<void> {
  let deck: Fault[] = [];
  while (performance.now() < untilMs) {
    if (deck.length === 0) deck = shuffled(lane.faults, random);
    const fault = deck.pop()!;
    const seconds = between(random, fault.seconds);
    onFault({ kind: fault.kind, target: fault.target.name, seconds });
    await fault.begin();
    try {
      await sleep(seconds * 1000);
    } finally {
      await fault.end();
    }
    await sleep(between(random, lane.calm) * 1000);
  }
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const keyed = items.map((item) => ({ item, key: random.unit() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

function between(random: SeededRandom, [least, most]: readonly [number, number]): number {
  return least + random.unit() * (most - least);
}
