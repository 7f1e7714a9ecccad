import type { Address } from '../../wire/address.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Envelope } from '../../wire/envelope.js';
import { unreachable } from '../../wire/exhaustive.js';
import { fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Reply } from '../../wire/message.js';
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
  readonly #timers = new Map<string, () => void>();
  /** Batches that patterns were told about: of several replicas the first one does it. */
  readonly #learnt = new WeakSet<SharedArrayBuffer>();
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
    const { clock, ring } = this.#parts;
    const context = { settings: this.#settings, ring };
    for (const effect of step(this.#state, event, clock.monotonicMs(), context)) this.#perform(effect);
  }

  #perform(effect: DistributorEffect): void {
    switch (effect.kind) {
      case 'append':
        void this.#append(effect);
        break;
      case 'timer.set':
        this.#timers.set(
          effect.push,
          this.#parts.clock.after(effect.afterMs, () => this.#dispatch({ kind: 'timeout', push: effect.push })),
        );
        break;
      case 'timer.clear':
        this.#timers.get(effect.push)?.();
        this.#timers.delete(effect.push);
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

  async #append({ push, part, to, batch }: Extract<DistributorEffect, { kind: 'append' }>): Promise<void> {
    const { router, ingesterAddress } = this.#parts;
    const message = { kind: 'append', batch: batch.buffer } as const;
    const reply = await router.ask(this.#self, ingesterAddress(to), message, {
      timeoutMs: this.#settings.pushTimeoutMs,
    });
    if (reply.kind === 'ok') {
      this.#dispatch({ kind: 'append.ok', push, part, from: to });
      this.#learn(batch);
    } else {
      const why = reply.kind === 'fault' ? reply.fault : fault('internal', `${to} answered append with ${reply.kind}`);
      this.#dispatch({ kind: 'append.fault', push, part, from: to, fault: why });
    }
  }

  #learn({ tenant, buffer }: EntriesBatch): void {
    if (this.#learnt.has(buffer)) return;
    this.#learnt.add(buffer);
    const patterns = this.#parts.patterns?.(tenant);
    if (patterns !== undefined)
      this.#parts.router.tell(this.#self, patterns, { kind: 'patterns.learn', batch: buffer });
  }
}
