import type { LogExpr } from '../../planning/logql/ast.js';
import type { Address } from '../../wire/address.js';
import { unreachable } from '../../wire/exhaustive.js';
import { asFault, type Fault, FaultError, fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TailSubscribe } from '../../wire/messages/following.js';
import type { QueryRequest } from '../../wire/query.js';
import type { TailRequest } from '../../wire/tail.js';
import type { TailerParts } from './actor.js';
import { entriesOfAnswer, entriesOfTables, type LabelStyle } from './entries.js';
import { evaluate, liveRows } from './live-rows.js';
import type { TailerSettings } from './settings.js';
import { initialTail, type ReplyTo, type TailEffect, type TailEvent, type TailState } from './state.js';
import { step, wakeMs } from './step.js';

/** Performs the effects of one tail's steps: an actor of its own, at the address that ingesters send to. */
export class Tail {
  readonly #self: Address;
  readonly #parts: TailerParts;
  readonly #settings: TailerSettings;
  readonly #request: TailRequest;
  readonly #expr: LogExpr;
  readonly #style: LabelStyle;
  readonly #state: TailState;
  readonly #abort = new AbortController();
  readonly #unregister: () => void;
  readonly #onEnd: () => void;
  readonly #subscribed = new Set<Address>();
  #isStarted = false;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => undefined;

  /** `onEnd` is called once, whatever ended it. */
  constructor(
    self: Address,
    parts: TailerParts,
    settings: TailerSettings,
    request: TailRequest,
    expr: LogExpr,
    onEnd: () => void,
  ) {
    this.#self = self;
    this.#parts = parts;
    this.#settings = settings;
    this.#request = request;
    this.#expr = expr;
    this.#onEnd = onEnd;
    this.#style = request.categorizeLabels ? 'categorized' : expr.stages.length > 0 ? 'merged' : 'stream-only';
    this.#state = initialTail(settings, request.delayMs, parts.clock.monotonicMs());
    this.#unregister = parts.router.register(self, ({ message }) => {
      if (message.kind === 'tail.data') this.#dispatch({ kind: 'data', message });
    });
  }

  get isEnded(): boolean {
    return this.#state.isEnded;
  }

  /**
   * Subscribes, and only then asks for the past: nothing can fall between them. Throws when an ingester refuses, or so many
   * are silent that entries could be missed.
   */
  async start(): Promise<void> {
    const { ingesters, replicationFactor } = this.#settings;
    const all = ingesters();
    const faults = (await Promise.all(all.map((ingester) => this.#subscribe(ingester)))).flatMap((why) => why ?? []);
    const refusal = faults.find(({ retryable }) => !retryable);
    if (refusal) throw new FaultError(refusal);
    const quorum = Math.min(Math.floor(replicationFactor / 2) + 1, all.length);
    if (faults.length > 0 && faults.length >= quorum) throw new FaultError(faults[0]!);
    this.#isStarted = true;
    this.#readHistory().catch((error: unknown) => this.fail(asFault(error)));
  }

  next(reply: ReplyTo): void {
    this.#dispatch({ kind: 'next', reply });
  }

  close(): void {
    this.#dispatch({ kind: 'closed' });
  }

  fail(why: Fault): void {
    this.#dispatch({ kind: 'failed', fault: why });
  }

  /** Undefined when it goes well. */
  async #subscribe(ingester: Address): Promise<Fault | undefined> {
    const { tenant } = this.#request;
    const { matchers } = this.#expr;
    const message: TailSubscribe = { kind: 'tail.subscribe', tenant, matchers, subscriber: this.#self };
    const options = { timeoutMs: this.#settings.subscribeTimeoutMs, signal: this.#abort.signal };
    const reply = await this.#parts.router.ask(this.#self, ingester, message, options);
    if (reply.kind === 'fault') return reply.fault;
    if (this.#isStarted && !this.#subscribed.has(ingester)) this.#dispatch({ kind: 'subscribed' });
    this.#subscribed.add(ingester);
    return undefined;
  }

  /** Ingesters that are new, or are back; one that does not answer now is asked again. */
  #watch(): void {
    const all = this.#settings.ingesters();
    for (const known of this.#subscribed) if (!all.includes(known)) this.#subscribed.delete(known);
    for (const ingester of all) if (!this.#subscribed.has(ingester)) void this.#subscribe(ingester);
  }

  /** What the querier has of the time in which something may have been missed. Where it has nothing to say, so be it. */
  async #readMissed(after: bigint | undefined): Promise<void> {
    const { clock, router, limits } = this.#parts;
    const { querier, historyTimeoutMs: timeoutMs, missedMs, readyEntriesMax } = this.#settings;
    const now = clock.now();
    const earliest = [this.#request.start, now - BigInt(missedMs) * 1_000_000n, (after ?? -1n) + 1n];
    const start = earliest.reduce((latest, time) => (time > latest ? time : latest));
    const most = limits(this.#request.tenant).max_entries_limit_per_query;
    const limit = most > 0 ? Math.min(readyEntriesMax, most) : readyEntriesMax;
    // Rows may be a little ahead of the clock.
    const request = historyRequest({ ...this.#request, start, limit }, now + BigInt(missedMs) * 1_000_000n);
    const { signal } = this.#abort;
    const reply = await router.ask(this.#self, querier, { kind: 'query', request, signal }, { timeoutMs, signal });
    const found = reply.kind === 'answer' && reply.answer.result.type === 'streams' ? reply.answer.result.streams : [];
    this.#dispatch({ kind: 'missed', streams: entriesOfAnswer(found, this.#style) });
  }

  async #readHistory(): Promise<void> {
    const { clock, router } = this.#parts;
    const request = historyRequest(this.#request, clock.now());
    const { querier, historyTimeoutMs: timeoutMs } = this.#settings;
    const { signal } = this.#abort;
    const reply = await router.ask(this.#self, querier, { kind: 'query', request, signal }, { timeoutMs, signal });
    if (reply.kind === 'answer' && reply.answer.result.type === 'streams') {
      const { result, throughSeq = [] } = reply.answer;
      const history = { range: { start: request.start, end: request.end }, throughSeq: new Map(throughSeq) };
      this.#dispatch({ kind: 'history', history, streams: entriesOfAnswer(result.streams, this.#style) });
    } else {
      const unexpected = fault('internal', `unexpected answer: ${reply.kind}`);
      this.fail(reply.kind === 'fault' ? reply.fault : unexpected);
    }
  }

  #dispatch(event: TailEvent): void {
    const { clock } = this.#parts;
    for (const effect of step(this.#state, event, clock.monotonicMs())) this.#perform(effect);
    const wake = wakeMs(this.#state);
    if (wake === this.#wakeMs) return;
    this.#cancelTimer();
    this.#wakeMs = wake;
    if (wake === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.after(Math.max(0, Math.ceil(wake - clock.monotonicMs())), () => {
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#dispatch({ kind: 'timer' });
    });
  }

  #perform(effect: TailEffect): void {
    switch (effect.kind) {
      case 'reply':
        effect.to(effect.reply);
        break;
      case 'evaluate':
        void this.#evaluate(effect);
        break;
      case 'credit':
        this.#tell(`ingester/${effect.ingester}`, {
          kind: 'tail.credit',
          subscriber: this.#self,
          bytes: effect.bytes,
        });
        break;
      case 'renew':
        // One that does not answer now is asked again.
        for (const ingester of this.#settings.ingesters()) void this.#subscribe(ingester);
        break;
      case 'watch':
        this.#watch();
        break;
      case 'read.missed':
        void this.#readMissed(effect.after);
        break;
      case 'ended':
        this.#end();
        break;
      default:
        unreachable(effect);
    }
  }

  async #evaluate({ messages, history, chunk }: Extract<TailEffect, { kind: 'evaluate' }>): Promise<void> {
    const { signal } = this.#abort;
    const { memoryBytesMax } = this.#settings;
    try {
      const context = { signal, now: this.#parts.clock.now(), memoryBytesMax };
      const tables = await evaluate(this.#expr, liveRows(messages, history), context);
      this.#dispatch({ kind: 'evaluated', streams: entriesOfTables(tables, this.#style), chunk });
    } catch (error) {
      this.fail(asFault(error));
    }
  }

  #tell(to: Address, message: Message): void {
    this.#parts.router.tell(this.#self, to, message);
  }

  #end(): void {
    this.#abort.abort(new FaultError(fault('cancelled', 'the tail has ended')));
    for (const to of this.#settings.ingesters()) this.#tell(to, { kind: 'tail.unsubscribe', subscriber: this.#self });
    this.#unregister();
    this.#onEnd();
  }
}

/** The newest entries of the past. */
function historyRequest({ tenant, query, start, limit, tags }: TailRequest, now: bigint): QueryRequest {
  return {
    ...{ tenant, query, start, end: now > start ? now : start, limit, tags },
    ...{ mode: 'range', direction: 'backward', stepNs: 0, intervalNs: 0, categorizeLabels: true, explain: 'none' },
  };
}
