/** Whether a process serves anybody at present. */
export class Activity {
  #running = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  begun(): void {
    this.#running++;
  }

  ended(nowMs: number): void {
    this.#running--;
    this.#lastMs = nowMs;
  }

  /** Milliseconds since the last request ended; none while one is running. */
  idleMs(nowMs: number): number {
    return this.#running > 0 ? 0 : nowMs - this.#lastMs;
  }
}
