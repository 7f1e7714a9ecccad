/** Questions asked all the time: what was acknowledged before a question must be in its answer, once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writer } from './writer.js';

const TIMEOUT_MS = 30_000;
const PAUSE_MS = 250;
const PAGE_SPAN_MS = 10_000;
const PAGE_LINES = 1_000_000;
const VIOLATIONS_KEPT = 20;

export class Reader {
  readonly #writers: readonly Writer[];
  readonly #urls: readonly string[];
  readonly #startedMs = Date.now() - 60_000;
  readonly violations: string[] = [];
  readonly failures = new Map<string, number>();
  answered = 0;
  slowestMs = 0;
  #stopped = false;

  constructor(writers: readonly Writer[], urls: readonly string[]) {
    this.#writers = writers;
    this.#urls = urls;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const writer = this.#writers[turn % this.#writers.length]!;
      await this.#count(writer, turn);
      await sleep(PAUSE_MS);
    }
  }

  /** As a load balancer does: who takes no connection, or says that it is not there yet or not any more, is passed over. */
  async #askAround(path: string, first: number): Promise<Outcome> {
    let outcome: Outcome = { failure: 'nobody to ask', elsewhere: true };
    for (let i = 0; i < this.#urls.length && 'elsewhere' in outcome; i++) {
      outcome = await ask(this.#urls[(first + i) % this.#urls.length]! + path);
    }
    return outcome;
  }

  /** More than was sent when the answer came means a line twice, fewer than were acknowledged before it a line lost. */
  async #count(writer: Writer, turn: number): Promise<void> {
    const least = writer.acknowledged.size;
    const began = performance.now();
    const seconds = Math.ceil((Date.now() - this.#startedMs) / 1000) + 5;
    const query = `sum(count_over_time({job="chaos",client="${writer.client}"}[${seconds}s]))`;
    const path = `/loki/api/v1/query?query=${encodeURIComponent(query)}&time=${Date.now() + 5_000}000000`;
    const outcome = await this.#askAround(path, turn);
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    if ('failure' in outcome) {
      this.failures.set(outcome.failure, (this.failures.get(outcome.failure) ?? 0) + 1);
      return;
    }
    this.answered++;
    const [row] = (outcome.body as { data: { result: { value: [number, string] }[] } }).data.result;
    const count = Number(row?.value[1] ?? 0);
    if (count >= least && count <= writer.sent) return;
    if (this.violations.length < VIOLATIONS_KEPT) {
      const when = new Date().toISOString();
      this.violations.push(
        `${when} client ${writer.client}: ${count} lines, ${least} were acknowledged, ${writer.sent} sent`,
      );
    }
  }

  /** Every number the cluster shows of a client, by log queries over short spans. Throws when one fails for good. */
  async numbers(client: string, url: string): Promise<number[]> {
    const numbers: number[] = [];
    const end = Date.now() + 10_000;
    for (let from = this.#startedMs; from < end; from += PAGE_SPAN_MS) {
      const query = encodeURIComponent(`{job="chaos",client="${client}"}`);
      const span = `start=${from}000000&end=${from + PAGE_SPAN_MS}000000&limit=${PAGE_LINES}&direction=forward`;
      const body = await untilAnswered(`${url}/loki/api/v1/query_range?query=${query}&${span}`);
      for (const { values } of (body as { data: { result: { values: [string, string][] }[] } }).data.result) {
        for (const [, line] of values) numbers.push(Number(/^n=(\d+)/.exec(line)![1]));
      }
    }
    return numbers;
  }
}

type Outcome = { readonly body: unknown } | { readonly failure: string; readonly elsewhere?: true };

async function ask(url: string): Promise<Outcome> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    if (!answer.ok) {
      const isAway = answer.status === 503 && /Skald is (starting|stopping)/.test(text);
      return { failure: `${answer.status} ${text.slice(0, 100).trim()}`, ...(isAway && { elsewhere: true }) };
    }
    return { body: JSON.parse(text) as unknown };
  } catch (error) {
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    const failure = `no answer (${cause?.code ?? name})`;
    return cause?.code === 'ECONNREFUSED' ? { failure, elsewhere: true } : { failure };
  }
}

async function untilAnswered(url: string): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await ask(url);
    if ('body' in outcome) return outcome.body;
    if (attempt === 10) throw new Error(`${url}: ${outcome.failure}`);
    await sleep(1_000);
  }
}
