import { address, everyone } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import type { MemberDetails, MemberRecord } from '../../wire/membership.js';
import type { Clock, Random } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import type { MembershipSettings } from './settings.js';
import { type MembershipEvent, type MembershipState, newMembership } from './state.js';
import { nextDeadline, stepMembership } from './step.js';

export interface MembershipParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly random: Random;
  /** Told after the view of the cluster has changed; many changes at once are told once. */
  readonly onChange: () => void;
}

/** Performs what the steps of the membership ask for, and wakes them in time. */
export class Membership {
  readonly #parts: MembershipParts;
  readonly #state: MembershipState;
  readonly #unregister: readonly (() => void)[];
  #cancelTimer: () => void = () => {};

  constructor(name: string, details: MemberDetails, parts: MembershipParts, settings: MembershipSettings) {
    this.#parts = parts;
    const { clock, random, router } = parts;
    // The wall clock rises from one life of this name to the next; where it does not, others refute.
    const incarnation = Number(clock.now() / 1_000_000n);
    this.#state = newMembership(name, details, incarnation, settings, () => random.unit(), clock.monotonicMs());
    const receive = (envelope: Envelope): void => this.#receive(envelope);
    this.#unregister = [
      router.register(address('membership', name), receive),
      router.register(everyone('membership'), receive),
    ];
    this.#wake();
  }

  /** All that is known, the dead and those who left included while they are remembered. */
  members(): MemberRecord[] {
    return [...this.#state.members.values()].map(({ record }) => record);
  }

  /** Milliseconds since the last message from a member, 0 for this one; undefined while only others have told of it. */
  silenceMs(name: string): number | undefined {
    if (name === this.#state.self) return 0;
    const heardAt = this.#state.members.get(name)?.heardAt;
    return heardAt === undefined ? undefined : Math.max(0, this.#parts.clock.monotonicMs() - heardAt);
  }

  /** Looks for the cluster: by name, or by asking everyone. */
  join(seeds: readonly string[]): void {
    this.#step({ kind: 'join', seeds });
  }

  /** Tells the others what has become of this member. */
  update(details: MemberDetails): void {
    this.#step({ kind: 'update', details });
  }

  /** Says farewell, so that nobody has to find out. */
  leave(): void {
    this.#step({ kind: 'leave' });
  }

  /** Makes all forget a member that was given up; one that was not is left as it is. */
  forget(name: string): void {
    this.#step({ kind: 'forget', name });
  }

  close(): void {
    for (const unregister of this.#unregister) unregister();
    this.#cancelTimer();
  }

  #receive({ from, message }: Envelope): void {
    const [, name = ''] = from.split('/');
    if (name === this.#state.self) return; // its own question to everyone
    switch (message.kind) {
      case 'gossip.ping':
      case 'gossip.ping-req':
      case 'gossip.ack':
      case 'gossip.news':
      case 'gossip.sync':
        return this.#step({ kind: 'message', from: name, message });
      default:
        return;
    }
  }

  #step(event: MembershipEvent): void {
    const { router, clock, onChange } = this.#parts;
    let changed = false;
    for (const effect of stepMembership(this.#state, event, clock.monotonicMs())) {
      if (effect.kind === 'send') {
        router.tell(address('membership', this.#state.self), address('membership', effect.to), effect.message);
      } else changed = true;
    }
    if (changed) onChange();
    this.#wake();
  }

  #wake(): void {
    this.#cancelTimer();
    const { clock } = this.#parts;
    const waitMs = nextDeadline(this.#state) - clock.monotonicMs();
    this.#cancelTimer = Number.isFinite(waitMs)
      ? clock.after(Math.max(MIN_WAIT_MS, waitMs), () => this.#step({ kind: 'tick' }))
      : () => {};
  }
}

const MIN_WAIT_MS = 5;
