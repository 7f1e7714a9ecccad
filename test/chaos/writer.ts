/** A client that writes numbered lines and tries again, as promtail and its like do, until it is told that all is well. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientLines } from './verdict.js';

export interface WriterOptions {
  readonly client: string;
  /** Where pushes go in turn. */
  readonly urls: readonly string[];
  readonly linesPerBatch: number;
  readonly batchesPerSecond: number;
}

const STREAMS = 5;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 2_000;
const TIMEOUT_MS = 10_000;

export class Writer implements ClientLines {
  readonly #options: WriterOptions;
  readonly acknowledged = new Set<number>();
  sent = 0;
  /** Answers by HTTP status; `none` for no answer. */
  readonly answers = new Map<string, number>();
  /** Longest time from the first attempt of a batch to its acknowledgement. */
  slowestMs = 0;
  #turn = 0;
  #stopped = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  get client(): string {
    return this.#options.client;
  }

  /** Ends some time after `stop`, when every batch that was begun has been acknowledged. */
  async run(): Promise<void> {
    const waitMs = 1_000 / this.#options.batchesPerSecond;
    for (let due = performance.now(); !this.#stopped; due = Math.max(due + waitMs, performance.now())) {
      await sleep(Math.max(0, due - performance.now()));
      await this.#deliver();
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #deliver(): Promise<void> {
    const { linesPerBatch } = this.#options;
    const from = this.sent;
    this.sent += linesPerBatch;
    const body = JSON.stringify({ streams: this.#streams(from) });
    const began = performance.now();
    for (let backoff = BACKOFF_MIN_MS; !(await this.#push(body)); backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
      await sleep(backoff);
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    for (let number = from; number < from + linesPerBatch; number++) this.acknowledged.add(number);
  }

  /** Times are those of the first attempt: a line that arrives twice is one line. */
  #streams(from: number): object[] {
    const now = BigInt(Date.now()) * 1_000_000n;
    const values: [string, string][][] = Array.from({ length: STREAMS }, () => []);
    for (let i = 0; i < this.#options.linesPerBatch; i++) {
      const number = from + i;
      values[number % STREAMS]!.push([
        String(now + BigInt(i)),
        `n=${number} ${'the quick brown fox '.repeat(number % 7)}`,
      ]);
    }
    return values.map((lines, stream) => ({
      stream: { job: 'chaos', client: this.client, part: String(stream) },
      values: lines,
    }));
  }

  async #push(body: string): Promise<boolean> {
    const { urls } = this.#options;
    const url = urls[this.#turn++ % urls.length]!;
    const status = await fetch(`${url}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      async (answer) => {
        await answer.text();
        return String(answer.status);
      },
      () => 'none',
    );
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status === '204') return true;
    if (status === '400') throw new Error('a push of ours was called wrong');
    return false;
  }
}
