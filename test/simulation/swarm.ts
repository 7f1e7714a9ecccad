/** What a seed draws before anything happens: how large the cluster is, what is asked of it, and what goes wrong. */
import type { SeededRandom } from '../support/random.js';
import type { LogShape } from './jetstream.js';

export interface Shape {
  readonly ingesters: number;
  readonly distributors: number;
  readonly queriers: number;
  readonly workers: number;
  readonly zones: number;
  readonly replicationFactor: number;
  readonly scanSlots: number;
  readonly maxPayload: number;
  readonly flushBytes: number;
  readonly memoryBytesMax: number;
  readonly segmentBytesMax: number;
  readonly tenants: readonly string[];
  readonly clients: number;
  /** Milliseconds between two pushes of a client. */
  readonly pushEveryMs: number;
  readonly queryEveryMs: number;
  /** Chance that a line is hours old. */
  readonly old: number;
  /** Chance that a client sends again what was acknowledged. */
  readonly resend: number;
  /** Ingesters have never run before; otherwise they did, and have stored all. */
  readonly isNew: boolean;
  /** Where the log is JetStream's; absent where ingesters have logs of their own. */
  readonly log?: LogShape;
}

/** Chances for each second of the storm, unless said otherwise. */
export interface Weather {
  readonly seconds: number;
  readonly drop: number;
  readonly duplicate: number;
  readonly delayMs: number;
  readonly reorder: boolean;
  readonly crash: number;
  readonly restart: number;
  readonly pause: number;
  readonly cut: number;
  readonly natsRestart: number;
  readonly clockStep: number;
  /** How much faster or slower than true time clocks run. */
  readonly drift: number;
  readonly diskFull: number;
  readonly diskError: number;
  readonly diskSlow: number;
  readonly bucketDown: number;
  readonly bucketRefuse: number;
  readonly bucketAmbiguous: number;
  readonly bucketLatencyMs: number;
  /**
   * Whether one ingester loses its disk, or has bits of it flipped: at most one of them, once. With JetStream the machine
   * of NATS loses its power instead.
   */
  readonly loss: 'none' | 'disk' | 'rot';
}

/** Nothing goes wrong. */
export const FAIR: Omit<Weather, 'seconds'> = {
  ...{ drop: 0, duplicate: 0, delayMs: 1, reorder: false },
  ...{ crash: 0, restart: 0, pause: 0, cut: 0, natsRestart: 0, clockStep: 0, drift: 0 },
  ...{ diskFull: 0, diskError: 0, diskSlow: 0 },
  ...{ bucketDown: 0, bucketRefuse: 0, bucketAmbiguous: 0, bucketLatencyMs: 2, loss: 'none' },
};

export function drawShape(random: SeededRandom): Shape {
  const flushBytes = random.pick([3000, 12_000, 1 << 20]);
  const memoryBytesMax = random.pick([30_000, 100_000, 1 << 24]);
  return {
    ingesters: 3 + random.below(3),
    distributors: 1 + random.below(2),
    queriers: 1 + random.below(2),
    workers: 1 + random.below(3),
    zones: random.pick([1, 1, 2, 3]),
    replicationFactor: 3,
    scanSlots: 1 + random.below(3),
    maxPayload: random.pick([1 << 20, 4096 + 1500]),
    flushBytes,
    memoryBytesMax,
    segmentBytesMax: random.pick([500, 2000, 1 << 20]),
    tenants: random.pick([['a'], ['a'], ['a', 'b']]),
    // With the least memory one client fills it, and two spend the run with being refused.
    clients: memoryBytesMax === 30_000 ? 1 : 1 + random.below(2),
    pushEveryMs: random.pick([700, 1200, 2500]),
    queryEveryMs: random.pick([3000, 6000]),
    old: random.pick([0, 0.1, 0.3]),
    resend: 0.1,
    isNew: random.chance(0.4),
  };
}

/** The same cluster with its log in JetStream. Drawn by numbers of its own, so that no other draw moves. */
export function drawLog(random: SeededRandom): Pick<Shape, 'log' | 'replicationFactor'> {
  return { log: { partitions: 1 + random.below(5), syncAlways: random.chance(0.5) }, replicationFactor: 1 };
}

export function drawWeather(random: SeededRandom): Weather {
  /** Most kinds of trouble are absent from most runs, so that each is seen with and without the others. */
  const some = (probability: number, ...choices: readonly number[]): number =>
    random.chance(probability) ? random.pick(choices) : 0;
  return {
    seconds: 6 + random.below(9),
    drop: some(0.4, 0.005, 0.03, 0.1),
    duplicate: some(0.4, 0.02, 0.2),
    delayMs: random.pick([1, 1, 10, 100]),
    reorder: random.chance(0.4),
    crash: some(0.6, 0.05, 0.15, 0.3),
    restart: some(0.3, 0.05, 0.2),
    pause: some(0.4, 0.05, 0.15),
    cut: some(0.4, 0.05, 0.15),
    natsRestart: some(0.2, 0.05),
    clockStep: some(0.3, 0.05, 0.2),
    drift: some(0.5, 0.001, 0.02),
    diskFull: some(0.2, 0.1),
    diskError: some(0.2, 0.1),
    diskSlow: some(0.2, 0.1),
    bucketDown: some(0.3, 0.05, 0.1),
    bucketRefuse: some(0.3, 0.02, 0.1),
    bucketAmbiguous: some(0.3, 0.05, 0.2),
    bucketLatencyMs: random.pick([1, 5, 40]),
    loss: random.pick(['none', 'none', 'none', 'none', 'disk', 'rot'] as const),
  };
}
