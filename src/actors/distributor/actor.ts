import type { Address } from '../../wire/address.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Envelope } from '../../wire/envelope.js';
import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, fault } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import type { PushRequest } from '../../wire/query.js';
import type { Clock } from '../runtime/clock.js';
import { faultReply, type Router } from '../runtime/router.js';
import { decodePush, PushMemory } from './decode-push.js';
import type { DistributorEffect, DistributorEvent, DistributorRing, PushCounts } from './events.js';
import type { DistributorSettings } from './settings.js';
import { newDistributorState } from './state.js';
import { step } from './step.js';

export interface DistributorParts {
  readonly router: Router;
  readonly clock: Clock;
  /** This distributor and its life: no other one ever has the same. Names the parts it sends where there are replicas. */
  readonly self: string;
  readonly ring: DistributorRing;
  /** Where an owner named by the ring listens. */
  readonly ingesterAddress: (owner: string) => Address;
  /** Told about a tenant's durable batches; nobody where patterns are not kept. */
  readonly patterns?: (tenant: string) => Address | undefined;
  readonly limits: (tenant: string) => TenantLimits;
  readonly onCounts: (tenant: string, counts: PushCounts) => void;
}

/** Performs the effects of the distributor's steps. */
export class Distributor {
  readonly #self: Address;
  readonly #parts: DistributorParts;
  readonly #settings: DistributorSettings;
  readonly #state = newDistributorState();
  readonly #memory: PushMemory;
  readonly #replies = new Map<string, (reply: Reply) => void>();
  /** Cancel the timers of a push. */
  readonly #timers = new Map<string, (() => void)[]>();
  readonly #unregister: () => void;
  #pushes = 0;

  constructor(self: Address, parts: DistributorParts, settings: DistributorSettings) {
    this.#self = self;
    this.#parts = parts;
    this.#settings = settings;
    this.#memory = new PushMemory(settings.maxDecompressedBytes);
    this.#unregister = parts.router.register(self, (envelope) => this.#receive(envelope));
  }

  close(): void {
    this.#unregister();
  }

  observe(): { readonly inFlight: number; readonly inFlightBytes: number } {
    return { inFlight: this.#state.inFlight.size, inFlightBytes: this.#state.inFlightBytes };
  }

  #receive({ message, ask }: Envelope): void {
    if (!ask) return;
    if (message.kind !== 'push')
      return ask.reply(faultReply(fault('bad-request', `a distributor does not answer ${message.kind}`)));
    this.#push(message.request, ask.reply);
  }

  #push(request: PushRequest, reply: (reply: Reply) => void): void {
    const push = String(this.#pushes++);
    const limits = this.#parts.limits(request.tenant);
    const decoded = decodePush(request, limits, this.#parts.clock.now(), this.#memory);
    this.#replies.set(push, reply);
    this.#dispatch({ kind: 'push', push, tenant: request.tenant, limits, decoded });
  }

  #dispatch(event: DistributorEvent): void {
    const { clock, ring, self } = this.#parts;
    const context = { settings: this.#settings, ring, self };
    for (const effect of step(this.#state, event, clock.monotonicMs(), context)) this.#perform(effect);
  }

  #perform(effect: DistributorEffect): void {
    switch (effect.kind) {
      case 'append':
        void this.#append(effect);
        break;
      case 'own':
        void this.#own(effect);
        break;
      case 'timer.set':
        this.#setTimer(effect);
        break;
      case 'timer.clear':
        for (const cancel of this.#timers.get(effect.push) ?? []) cancel();
        this.#timers.delete(effect.push);
        break;
      case 'durable':
        this.#learn(effect.batch);
        break;
      case 'reply':
        this.#replies.get(effect.push)?.(effect.fault ? faultReply(effect.fault) : { kind: 'ok' });
        this.#replies.delete(effect.push);
        break;
      case 'count':
        this.#parts.onCounts(effect.tenant, effect.counts);
        break;
      default:
        unreachable(effect);
    }
  }

  #setTimer({ push, timer, afterMs }: Extract<DistributorEffect, { kind: 'timer.set' }>): void {
    const cancel = this.#parts.clock.after(afterMs, () => this.#dispatch({ kind: 'timeout', push, timer }));
    getOrCreate(this.#timers, push, () => []).push(cancel);
  }

  async #append({ push, part, to, batch, copy }: Extract<DistributorEffect, { kind: 'append' }>): Promise<void> {
    const message = { kind: 'append', batch: batch.buffer, ...(copy && { copy }) } as const;
    const why = await this.#ask(to, message, this.#settings.pushTimeoutMs);
    if (why === null) this.#dispatch({ kind: 'append.ok', push, part, from: to });
    else this.#dispatch({ kind: 'append.fault', push, part, from: to, fault: why });
  }

  async #own({ push, part, to, id }: Extract<DistributorEffect, { kind: 'own' }>): Promise<void> {
    const { origin, seq } = id;
    const why = await this.#ask(to, { kind: 'append.own', origin, seq }, this.#settings.ownerTimeoutMs);
    this.#dispatch({ kind: 'own.answered', push, part, from: to, fault: why });
  }

  /** Null when it has been done. */
  async #ask(to: string, message: Message, timeoutMs: number): Promise<Fault | null> {
    const { router, ingesterAddress } = this.#parts;
    const reply = await router.ask(this.#self, ingesterAddress(to), message, { timeoutMs });
    if (reply.kind === 'ok') return null;
    return reply.kind === 'fault'
      ? reply.fault
      : fault('internal', `${to} answered ${message.kind} with ${reply.kind}`);
  }

  #learn({ tenant, buffer }: EntriesBatch): void {
    const patterns = this.#parts.patterns?.(tenant);
    if (patterns !== undefined)
      this.#parts.router.tell(this.#self, patterns, { kind: 'patterns.learn', batch: buffer });
  }
}
