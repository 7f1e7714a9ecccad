/** Seconds and nanoseconds, as protobuf has them. */
interface EntryTime {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * Times of a stream's entries, each a nanosecond after the one before where that has the same time and another line
 * (Loki's `increment_duplicate_timestamp`). A whole run of entries sent with one time spreads out, because each is also
 * compared with the time the run was sent with.
 */
export class SpacedTimes {
  #previous: EntryTime | null = null;
  #sent: EntryTime | null = null;

  beginStream(): void {
    this.#previous = null;
    this.#sent = null;
  }

  /** `repeatsLine` is only asked where there is an entry before. */
  next(seconds: number, nanos: number, repeatsLine: () => boolean): EntryTime {
    const time = { seconds, nanos };
    const previous = this.#previous;
    const collides = isSame(time, previous) || isSame(time, this.#sent);
    if (previous !== null && collides && !repeatsLine()) {
      this.#previous = after(previous);
    } else {
      this.#previous = time;
      this.#sent = time;
    }
    return this.#previous;
  }
}

function isSame(a: EntryTime, b: EntryTime | null): boolean {
  return b !== null && a.seconds === b.seconds && a.nanos === b.nanos;
}

function after({ seconds, nanos }: EntryTime): EntryTime {
  return nanos === 999_999_999 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos: nanos + 1 };
}
