import type { ActiveStream, StoredBatch } from './stream.js';

/** Where streams stood before their latest pieces, so that these can be taken back. In columns, like the pieces. */
export class Undo {
  readonly #streams: ActiveStream[] = [];
  readonly #newestHighs: number[] = [];
  readonly #newestLows: number[] = [];
  readonly #tails: (StoredBatch | null)[] = [];
  readonly #tailRows: number[] = [];

  get length(): number {
    return this.#streams.length;
  }

  /** The stream is about to get a piece. */
  note(stream: ActiveStream): void {
    this.#streams.push(stream);
    this.#newestHighs.push(stream.newestHigh);
    this.#newestLows.push(stream.newestLow);
    this.#tails.push(stream.tail);
    this.#tailRows.push(stream.tailRow);
  }

  /** Takes back the pieces from the `from`-th on, the latest first, and says whose they were. */
  takeBack(from = 0): readonly ActiveStream[] {
    const taken = this.#streams.slice(from);
    while (this.#streams.length > from) {
      const stream = this.#streams.pop()!;
      stream.newestHigh = this.#newestHighs.pop()!;
      stream.newestLow = this.#newestLows.pop()!;
      stream.tail = this.#tails.pop()!;
      stream.tailRow = this.#tailRows.pop()!;
      stream.pieces.pop();
      stream.seen?.rewind(stream.pieces.length);
      stream.late?.rewind(stream.pieces.length);
    }
    return taken;
  }
}
