import type { HeldPart } from './held-part.js';
import type { Asked, Inquiry } from './inquiry.js';

/** What is under way to find out about held parts. Nothing new begins before all of it has ended. */
export class Upkeep {
  nextMs = Number.NEGATIVE_INFINITY;
  inquiry: Inquiry | null = null;
  /** Of an instance that leaves: what it holds is seen to, by itself or by others that stay. */
  isSettled = false;
  readonly leftToOthers = new Set<HeldPart>();
  readonly asked = new Map<number, Asked>();
  /** Parts that are looked for in the table of contents. */
  readonly sought = new Map<number, readonly HeldPart[]>();
  /** When owners that are not up were first seen so. */
  readonly downSinceMs = new Map<string, number>();
  #nextToken = 1;

  get isBusy(): boolean {
    return this.asked.size > 0 || this.sought.size > 0;
  }

  token(): number {
    return this.#nextToken++;
  }
}
