/** A batch far over the budget still has one line in so many looked at. */
const STRIDE_MAX = 64;
/** What is not used is kept for so long: bursts are read line by line. */
const BURST_SECONDS = 4;

/** Says how many of a batch's lines are looked at, so that no more than so many bytes are in a second. */
export class Sampler {
  readonly #bytesPerSecond: number;
  readonly #bytesMax: number;
  #bytes: number;
  #refilledMs = Number.NEGATIVE_INFINITY;
  /** Lines until the next one that is taken, across batches. */
  #skip = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#bytesMax = BURST_SECONDS * bytesPerSecond;
    this.#bytes = this.#bytesMax;
  }

  /** Every so many-th line of a batch is to be taken: 1 within the budget. */
  stride(bytes: number, nowMs: number): number {
    const elapsedMs = Math.min(1000 * BURST_SECONDS, nowMs - this.#refilledMs);
    this.#bytes = Math.min(this.#bytesMax, this.#bytes + elapsedMs * (this.#bytesPerSecond / 1000));
    this.#refilledMs = nowMs;
    const stride = bytes <= this.#bytes ? 1 : Math.min(STRIDE_MAX, Math.ceil(bytes / Math.max(1, this.#bytes)));
    this.charge(bytes / stride);
    return stride;
  }

  /** Takes bytes off what is left: work that lines brought with them. */
  charge(bytes: number): void {
    this.#bytes = Math.max(-this.#bytesPerSecond, this.#bytes - bytes);
  }

  /** The first of `count` lines that is taken, of which every `stride`-th is; `count` when none. */
  first(count: number, stride: number): number {
    const first = Math.min(this.#skip, stride - 1);
    if (first >= count) {
      this.#skip = first - count;
      return count;
    }
    const taken = Math.ceil((count - first) / stride);
    this.#skip = first + taken * stride - count;
    return first;
  }
}
