import { type Nanos, NS_PER_MS } from '../../wire/time.js';
import { detectFormat, SAMPLE_LINES } from '../timestamps/detect.js';
import type { TimestampFormat } from '../timestamps/formats.js';
import { instantOf, type TimestampContext } from '../timestamps/instant.js';

/**
 * Gives every line of one file a time: the one it carries, else that of the line before, else the first one the file
 * has, else now. The format is decided from the first lines.
 */
export class LineClock {
  readonly #context: TimestampContext;
  readonly #now: () => number;
  #format: TimestampFormat | undefined;
  #sampled = 0;
  #last: Nanos | undefined;

  constructor(context: TimestampContext, now: () => number) {
    this.#context = context;
    this.#now = now;
  }

  /** Name of the format found, for the summary. */
  get formatName(): string | undefined {
    return this.#format?.name;
  }

  /** Must see each block of lines before its lines are asked for. */
  sample(lines: readonly string[]): void {
    if (this.#format !== undefined || this.#sampled >= SAMPLE_LINES) return;
    this.#sampled += lines.length;
    const format = detectFormat(lines, this.#context);
    if (format === undefined) return;
    this.#format = format;
    for (let i = 0; i < lines.length && this.#last === undefined; i++) {
      this.#last = instantOf(lines[i]!, format, this.#context);
    }
  }

  timeOf(line: string): Nanos {
    if (this.#format === undefined) return BigInt(this.#now()) * NS_PER_MS;
    const time = instantOf(line, this.#format, this.#context);
    if (time !== undefined) this.#last = time;
    return this.#last ?? BigInt(this.#now()) * NS_PER_MS;
  }
}

/** Takes no notice of what lines say: everything happens now. */
export function presentClock(now: () => number): Pick<LineClock, 'sample' | 'timeOf' | 'formatName'> {
  return { formatName: 'now', sample: () => {}, timeOf: () => BigInt(now()) * NS_PER_MS };
}
