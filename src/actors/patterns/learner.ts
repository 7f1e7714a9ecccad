import { type EntriesBatch, openEntries } from '../../wire/entries.js';
import type { Nanos } from '../../wire/time.js';
import { RowLevels } from './levels.js';
import { Sampler } from './sampler.js';
import type { PatternSettings } from './settings.js';
import type { PatternStream } from './stream.js';
import { PatternTenants } from './tenants.js';
import { LineTokens } from './tokens.js';

/** Clocks of senders may be ahead: lines of this many milliseconds from now still count. */
const FUTURE_MS_MAX = 3_600_000;

/** What a new cluster costs, in bytes of lines that could be read instead. */
const CLUSTER_CHARGE_BYTES = 2048;

/** Reads batches of lines and keeps their patterns. */
export class PatternLearner {
  readonly tenants: PatternTenants;
  readonly #settings: PatternSettings;
  readonly #sampler: Sampler;
  readonly #tokens = new LineTokens();
  lines = 0;
  linesRead = 0;

  constructor(settings: PatternSettings) {
    this.#settings = settings;
    this.#sampler = new Sampler(settings.bytesPerSecond);
    this.tenants = new PatternTenants(settings.memoryBytesMax);
  }

  /** Number of the interval a moment belongs to. */
  interval(time: Nanos): number {
    return Math.floor(Number(time) / 1e6 / this.#settings.sampleIntervalMs);
  }

  /** `monotonicMs` paces the sampling. Throws a RangeError on anything that is not a whole batch. */
  learn(buffer: SharedArrayBuffer, now: Nanos, monotonicMs: number): void {
    const entries = openEntries(buffer);
    const stride = this.#sampler.stride(entries.messages.length, monotonicMs);
    const rows = new RowReader(entries, stride, this.#span(now), this.#settings, this.#tokens);
    let from = 0;
    for (let s = 0; s < entries.streams.length; s++) {
      const to = entries.streamEnds[s]!;
      const first = from + this.#sampler.first(to - from, stride);
      if (rows.hasAny(first, to)) {
        this.tenants.update(entries.tenant, entries.streams[s]!, (stream) => rows.read(stream, first, to));
      }
      from = to;
    }
    this.lines += entries.rows;
    this.linesRead += rows.taken;
    this.#sampler.charge(rows.created * CLUSTER_CHARGE_BYTES);
  }

  /** Forgets what is older than the settings say. */
  forget(now: Nanos): void {
    this.tenants.forgetBefore(this.#span(now).from);
  }

  #span(now: Nanos): IntervalSpan {
    const { retainForMs, sampleIntervalMs } = this.#settings;
    const current = this.interval(now);
    return {
      from: current - Math.floor(retainForMs / sampleIntervalMs),
      to: current + Math.floor(FUTURE_MS_MAX / sampleIntervalMs),
    };
  }
}

/** First and last interval that count. */
interface IntervalSpan {
  readonly from: number;
  readonly to: number;
}

class RowReader {
  readonly #entries: EntriesBatch;
  /** `entries.times` as int64 words, low word first. */
  readonly #words: Int32Array;
  readonly #levels: RowLevels;
  readonly #stride: number;
  readonly #span: IntervalSpan;
  readonly #settings: PatternSettings;
  readonly #tokens: LineTokens;
  taken = 0;
  created = 0;

  constructor(
    entries: EntriesBatch,
    stride: number,
    span: IntervalSpan,
    settings: PatternSettings,
    tokens: LineTokens,
  ) {
    this.#entries = entries;
    this.#words = new Int32Array(entries.buffer, entries.times.byteOffset, entries.rows * 2);
    this.#levels = new RowLevels(entries);
    this.#stride = stride;
    this.#span = span;
    this.#settings = settings;
    this.#tokens = tokens;
  }

  /** Whether any of the rows that `read` would look at is of a time that counts. */
  hasAny(first: number, to: number): boolean {
    for (let row = first; row < to; row += this.#stride) if (this.#counts(this.#interval(row))) return true;
    return false;
  }

  /** Every stride-th row of [first, to). */
  read(stream: PatternStream, first: number, to: number): void {
    const { messageOffsets, messages } = this.#entries;
    const { lineBytesMax, clustersMax } = this.#settings;
    for (let row = first; row < to; row += this.#stride) {
      const interval = this.#interval(row);
      if (!this.#counts(interval)) continue;
      this.taken++;
      this.#tokens.read(messages, messageOffsets[row]!, messageOffsets[row + 1]!, lineBytesMax);
      if (this.#tokens.words === 0) continue;
      const drain = stream.drain(this.#levels.of(row), clustersMax);
      const before = drain.created;
      drain.add(this.#tokens, interval, this.#stride);
      this.created += drain.created - before;
    }
  }

  #counts(interval: number): boolean {
    return interval >= this.#span.from && interval <= this.#span.to;
  }

  #interval(row: number): number {
    const nanos = this.#words[2 * row + 1]! * 2 ** 32 + (this.#words[2 * row]! >>> 0);
    return Math.floor(nanos / 1e6 / this.#settings.sampleIntervalMs);
  }
}
