import type { Nanos } from '../../wire/time.js';

/** Raw text per request: small enough for any server's bounds, large enough that requests cost little. */
const BATCH_LENGTH = 1024 * 1024;

/** Lines of one stream on their way into one push request. */
export class Batch {
  readonly #labels: string;
  readonly #values: string[] = [];
  #length = 0;

  /** Labels as JSON. */
  constructor(labels: string) {
    this.#labels = labels;
  }

  add(time: Nanos, line: string): void {
    this.#values.push(`["${time}",${JSON.stringify(line)}]`);
    this.#length += line.length;
  }

  get lines(): number {
    return this.#values.length;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_LENGTH;
  }

  /** The request body. */
  json(): string {
    return `{"streams":[{"stream":${this.#labels},"values":[${this.#values.join(',')}]}]}`;
  }
}
