/** Lines that stay, above one line that is written over; where there is no terminal, that line comes only now and then. */
export class Screen {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  #status = '';
  #statusAtMs = Number.NEGATIVE_INFINITY;

  constructor(write: (text: string) => void, isTerminal: boolean) {
    this.#write = write;
    this.#isTerminal = isTerminal;
  }

  line(text: string): void {
    if (!this.#isTerminal) return this.#write(`${text}\n`);
    this.#write(`${CLEAR}${text}\n${this.#status}`);
  }

  status(text: string, nowMs: number): void {
    if (this.#isTerminal) this.#write(`${CLEAR}${text}`);
    else if (nowMs - this.#statusAtMs >= PLAIN_EVERY_MS) {
      this.#statusAtMs = nowMs;
      this.#write(`${text}\n`);
    }
    this.#status = text;
  }

  /** The status line is over; what follows begins a new one. */
  end(): void {
    if (this.#isTerminal && this.#status !== '') this.#write(CLEAR);
    this.#status = '';
  }
}

/** To the first column, and nothing behind it. */
const CLEAR = '\r\x1b[2K';
const PLAIN_EVERY_MS = 10_000;
