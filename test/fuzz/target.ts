import type { SeededRandom } from '../support/random.js';

/** Something that reads bytes or text from outside, and what must hold whatever they are. */
export interface FuzzTarget {
  readonly name: string;
  /** Share of the inputs: 1 for what takes microseconds, less for what takes longer. */
  readonly weight: number;
  /**
   * Makes one input from the random numbers and tries it. Throws whatever the code under test must not throw: errors it
   * documents are caught here. True when the input was accepted, so that a run shows it reaches behind the first check.
   */
  attempt(random: SeededRandom): boolean | Promise<boolean>;
}

/** True when `read` returns, false when it throws an error that `isDocumented`; any other error is thrown on. */
export function accepts(read: () => unknown, isDocumented: (error: Error) => boolean): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof Error && isDocumented(error)) return false;
    throw error;
  }
}

/** Errors of the engine stand for mistakes of ours, whatever their text says. */
export function isPlainError(error: Error): boolean {
  return error.constructor === Error;
}
