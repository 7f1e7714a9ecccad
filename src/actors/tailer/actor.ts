import { LogQLError } from '../../planning/logql/error.js';
import { parseLogQuery } from '../../planning/logql/parser.js';
import { type Address, address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, fault, raise } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Reply } from '../../wire/message.js';
import type { TailOpen } from '../../wire/messages/following.js';
import type { Clock, Random } from '../runtime/clock.js';
import { faultReply, type Router } from '../runtime/router.js';
import type { TailerSettings } from './settings.js';
import { Tail } from './tail.js';

export interface TailerParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: (tenant: string) => TenantLimits;
}

/** Opens tails and passes on what their readers ask. */
export class Tailer {
  readonly #parts: TailerParts;
  readonly #settings: TailerSettings;
  readonly #tails = new Map<string, Tail>();
  /** Those that ended while nobody asked: a reader that asks later learns why. Oldest first. */
  #ended: { readonly id: string; readonly atMs: number }[] = [];
  /** Open or being opened, by tenant. */
  readonly #counts = new Map<string, number>();
  readonly #unregister: () => void;

  constructor(self: Address, parts: TailerParts, settings: TailerSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#unregister = parts.router.register(self, (envelope) => this.#receive(envelope));
  }

  /** Tails with a reader. */
  get active(): number {
    let count = 0;
    for (const each of this.#counts.values()) count += each;
    return count;
  }

  close(): void {
    this.#unregister();
    for (const tail of this.#tails.values()) tail.fail(fault('unavailable', 'Skald is stopping'));
  }

  #receive({ message, ask }: Envelope): void {
    const reply = ask?.reply ?? (() => undefined);
    switch (message.kind) {
      case 'tail.open':
        this.#open(message).then(reply, (error: unknown) => reply(faultReply(tailFault(error))));
        break;
      case 'tail.next': {
        const tail = this.#tails.get(message.tail);
        if (!tail) return reply(faultReply(fault('not-found', 'there is no such tail (any more)')));
        tail.next(reply);
        // What it ended with has been told.
        if (tail.isEnded) this.#tails.delete(message.tail);
        break;
      }
      case 'tail.close':
        this.#tails.get(message.tail)?.close();
        this.#tails.delete(message.tail);
        break;
      default:
        reply(faultReply(fault('bad-request', `a tailer does not answer ${message.kind}`)));
    }
  }

  async #open({ request }: TailOpen): Promise<Reply> {
    const expr = parseLogQuery(request.query);
    const leave = this.#enter(request.tenant);
    const id = this.#parts.random.ulid();
    const tail = new Tail(address('tailer', id), this.#parts, this.#settings, request, expr, () => {
      leave();
      this.#ended.push({ id, atMs: this.#parts.clock.monotonicMs() });
    });
    this.#forgetEnded();
    this.#tails.set(id, tail);
    try {
      await tail.start();
      return { kind: 'tail.opened', tail: id };
    } catch (error) {
      this.#tails.delete(id);
      tail.close();
      throw error;
    }
  }

  /** Raises `limited` when the tenant has as many as it may; the function returned makes room again. */
  #enter(tenant: string): () => void {
    const count = this.#counts.get(tenant) ?? 0;
    const max = this.#parts.limits(tenant).max_concurrent_tail_requests;
    if (count >= max) {
      const message = `max concurrent tail requests limit exceeded, count > limit (${count + 1} > ${max})`;
      return raise('limited', message);
    }
    this.#counts.set(tenant, count + 1);
    return () => {
      const left = this.#counts.get(tenant)! - 1;
      if (left > 0) this.#counts.set(tenant, left);
      else this.#counts.delete(tenant);
    };
  }

  #forgetEnded(): void {
    const oldestMs = this.#parts.clock.monotonicMs() - this.#settings.leaseMs;
    for (const { id, atMs } of this.#ended) if (atMs < oldestMs) this.#tails.delete(id);
    this.#ended = this.#ended.filter(({ atMs }) => atMs >= oldestMs);
  }
}

function tailFault(error: unknown): ReturnType<typeof asFault> {
  return error instanceof LogQLError ? fault('bad-request', error.message) : asFault(error);
}
