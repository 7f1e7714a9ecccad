import type { Nanos } from '../../wire/time.js';

/** Time and randomness as collaborators: only `clock-node.ts` knows the real ones. */
export interface Clock {
  /** Wall time. */
  now(): Nanos;
  /** Monotonic milliseconds, for deadlines and durations. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`, with 0 as soon as what waits already has been done; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export interface Random {
  /** A new ULID: sortable by time, unique. */
  ulid(): string;
  /** Uniform in [0, 1). */
  unit(): number;
}
