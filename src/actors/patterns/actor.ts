import { compileMatchers } from '../../execution/matchers.js';
import { type TenantSelector, tenantSelectors } from '../../execution/tenants.js';
import { LogQLError } from '../../planning/logql/error.js';
import { parseSelector } from '../../planning/logql/parser.js';
import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, fault } from '../../wire/fault.js';
import { labelValue } from '../../wire/labels.js';
import type { Reply } from '../../wire/message.js';
import type { PatternSeries, PatternsRequest } from '../../wire/query.js';
import type { Clock } from '../runtime/clock.js';
import { faultReply, type Router } from '../runtime/router.js';
import { answerPatterns } from './answer.js';
import { PatternLearner } from './learner.js';
import type { PatternSettings } from './settings.js';
import type { PatternStream } from './stream.js';

const FORGET_PERIOD_MS = 60_000;
/** Batches are looked at for so long before others have their turn. */
const TURN_MS = 4;

export interface PatternMetric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly value: number;
}

/**
 * Learns the patterns of lines that were pushed, and tells them. Nobody waits for it: batches are looked at when there is
 * time, and skipped when there are too many. What it knows is in memory only.
 */
export class Patterns {
  readonly #clock: Clock;
  readonly #settings: PatternSettings;
  readonly #learner: PatternLearner;
  readonly #log: (message: string, detail: object) => void;
  readonly #unregister: () => void;
  /** In order of arrival. */
  #queue: SharedArrayBuffer[] = [];
  #queueBytes = 0;
  #batchesSkipped = 0;
  #cancelTurn: (() => void) | null = null;
  #cancelForget: () => void;

  constructor(
    self: Address,
    parts: {
      readonly router: Router;
      readonly clock: Clock;
      readonly log: (message: string, detail: object) => void;
    },
    settings: PatternSettings,
  ) {
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#settings = settings;
    this.#learner = new PatternLearner(settings);
    this.#unregister = parts.router.register(self, (envelope) => this.#receive(envelope));
    this.#cancelForget = this.#forgetLater();
  }

  close(): void {
    this.#unregister();
    this.#cancelForget();
    this.#cancelTurn?.();
  }

  observe(): readonly PatternMetric[] {
    const { tenants, lines, linesRead } = this.#learner;
    let streams = 0;
    let clusters = 0;
    for (const stream of tenants.all()) {
      streams++;
      clusters += stream.clusters;
    }
    const counter = (name: string, help: string, value: number): PatternMetric => ({
      name: `loki_pattern_ingester_${name}_total`,
      kind: 'counter',
      help,
      value,
    });
    const gauge = (name: string, help: string, value: number): PatternMetric => ({
      name: `loki_pattern_ingester_${name}`,
      kind: 'gauge',
      help,
      value,
    });
    return [
      counter('lines', 'Lines of batches that were looked at.', lines),
      counter('lines_sampled', 'Lines that were read; above the budget each stands for several.', linesRead),
      counter('batches_skipped', 'Batches that were not looked at because too many waited.', this.#batchesSkipped),
      counter('streams_forgotten', 'Streams whose patterns made room for others.', tenants.streamsForgotten),
      gauge('streams', 'Streams with patterns in memory.', streams),
      gauge('clusters', 'Patterns in memory.', clusters),
      gauge('memory_bytes', 'Estimated memory of all patterns.', tenants.memoryBytes),
    ];
  }

  #receive({ message, ask }: Envelope): void {
    if (message.kind === 'patterns.learn') this.#enqueue(message.batch);
    else if (message.kind === 'patterns') ask?.reply(this.#answer(message.request));
    else ask?.reply(faultReply(fault('bad-request', `patterns do not answer ${message.kind}`)));
  }

  #enqueue(batch: SharedArrayBuffer): void {
    const { queueBatchesMax, queueBytesMax } = this.#settings;
    if (this.#queue.length >= queueBatchesMax || this.#queueBytes + batch.byteLength > queueBytesMax) {
      this.#batchesSkipped++;
      return;
    }
    this.#queue.push(batch);
    this.#queueBytes += batch.byteLength;
    this.#cancelTurn ??= this.#clock.after(0, () => this.#turn());
  }

  #turn(): void {
    this.#cancelTurn = null;
    this.#learn(this.#clock.monotonicMs() + TURN_MS);
    if (this.#queue.length > 0) this.#cancelTurn = this.#clock.after(0, () => this.#turn());
  }

  #learn(untilMs: number): void {
    let done = 0;
    while (done < this.#queue.length) {
      const batch = this.#queue[done++]!;
      this.#queueBytes -= batch.byteLength;
      try {
        this.#learner.learn(batch, this.#clock.now(), this.#clock.monotonicMs());
      } catch (error) {
        this.#log('a batch was not looked at for patterns', { fault: asFault(error) });
      }
      if (this.#clock.monotonicMs() >= untilMs) break;
    }
    this.#queue = this.#queue.slice(done);
  }

  /** Includes every batch that came before. */
  #answer(request: PatternsRequest): Reply {
    this.#learn(Number.POSITIVE_INFINITY);
    try {
      return { kind: 'patterns', patterns: this.#patterns(request) };
    } catch (error) {
      if (error instanceof LogQLError) return faultReply(fault('bad-request', error.message));
      return faultReply(asFault(error));
    }
  }

  #patterns({ tenant, selector, start, end, stepNs }: PatternsRequest): PatternSeries[] {
    const selectors = tenantSelectors(tenant, parseSelector(selector));
    this.#learner.forget(this.#clock.now());
    const streams = selectors.flatMap((each) => this.#streams(each));
    const intervalMs = this.#settings.sampleIntervalMs;
    return answerPatterns(streams, {
      start: this.#learner.interval(start),
      end: this.#learner.interval(end - 1n) + 1,
      step: Math.max(1, Math.floor(stepNs / 1e6 / intervalMs)),
      intervalMs,
    });
  }

  #streams({ tenant, matchers }: TenantSelector): PatternStream[] {
    const compiled = compileMatchers(matchers);
    const isAsked = ({ labels }: PatternStream): boolean =>
      compiled.every(({ name, matches }) => matches(labelValue(labels, name)));
    return [...this.#learner.tenants.streams(tenant)].filter(isAsked);
  }

  #forgetLater(): () => void {
    return this.#clock.after(FORGET_PERIOD_MS, () => {
      this.#learner.forget(this.#clock.now());
      this.#cancelForget = this.#forgetLater();
    });
  }
}
