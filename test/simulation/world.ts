/**
 * Virtual time. Whatever happens anywhere happens because an event came due here; between two events all promises that
 * can settle do. One seed draws everything, so a seed is a run.
 */
import { SeededRandom } from '../support/random.js';

interface Due {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** Events kept for the report of a failure. */
const TRACE_LENGTH = 60;

export class World {
  readonly seed: number;
  nowMs = 0;
  events = 0;
  /** FNV-1a over all that was noted. */
  hash = 0x811c9dc5;
  readonly faults: Record<string, number> = {};
  /** Every note is printed when set. */
  print: ((line: string) => void) | undefined;
  readonly #heap: Due[] = [];
  readonly #recent: string[] = [];
  #order = 0;
  #randoms = 0;
  #failure: Error | undefined;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Random numbers for one concern. */
  random(): SeededRandom {
    return new SeededRandom(this.seed, ++this.#randoms);
  }

  /** Runs something later; the returned function prevents it. */
  after(delayMs: number, run: () => void): () => void {
    const due: Due = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#push(due);
    return () => {
      due.run = null;
    };
  }

  /** Resolves later. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Part of the run's identity, and of the story of a failure. */
  note(text: string, weight = 0): void {
    let hash = this.hash ^ weight;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.hash = Math.imul(hash ^ Math.round(this.nowMs * 1000), 0x01000193) >>> 0;
    const line = `${this.nowMs.toFixed(3).padStart(11)} ${text}`;
    this.print?.(line);
    this.#recent[this.events % TRACE_LENGTH] = line;
    this.events++;
  }

  fault(kind: string, detail = ''): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    this.note(`-- ${kind} ${detail}`);
  }

  /** A claim that does not hold ends the run. The first one counts. */
  fail(claim: string): void {
    this.note(`!! ${claim}`);
    this.#failure ??= new Error(claim);
  }

  /** What happened last, oldest first. */
  recent(): readonly string[] {
    const next = this.events % TRACE_LENGTH;
    return [...this.#recent.slice(next), ...this.#recent.slice(0, next)];
  }

  /** Lets time pass until it has, or the claim holds. Throws the first failure. */
  async run(ms: number, until: () => boolean = () => false): Promise<void> {
    const endMs = this.nowMs + ms;
    await settled();
    while (!this.#failure && !until()) {
      const next = this.#heap[0];
      if (!next || next.atMs > endMs) {
        this.nowMs = endMs;
        break;
      }
      this.#pop();
      if (!next.run) continue;
      this.nowMs = next.atMs;
      next.run();
      await settled();
    }
    if (this.#failure) throw this.#failure;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    heap.push(due);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(due, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      heap[parent] = due;
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && before(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (before(last, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** All microtasks have run: an immediate comes after them, and nothing else of the real world is waited for. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
