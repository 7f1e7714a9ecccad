/** Many members over a network that delays, loses and cuts, in simulated time. */
import { DEFAULT_MEMBERSHIP_SETTINGS, type MembershipSettings } from '../../src/actors/membership/settings.js';
import {
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  newMembership,
} from '../../src/actors/membership/state.js';
import { nextDeadline, stepMembership } from '../../src/actors/membership/step.js';
import type { MemberDetails, MemberStatus } from '../../src/wire/membership.js';
import { SeededRandom } from './random.js';

const DETAILS: MemberDetails = { roles: ['ingester'], zone: 'a', address: '', state: 'ACTIVE', registeredMs: 0 };

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class SimMembership {
  readonly members = new Map<string, MembershipState>();
  now = 0;
  messages = 0;
  bytes = 0;
  /** Chance of losing a message. */
  loss = 0;
  /** Whether a message may pass; cuts are one-way unless both directions are refused. */
  passes: (from: string, to: string) => boolean = () => true;
  readonly #random: SeededRandom;
  readonly #settings: MembershipSettings;
  readonly #heap: Due[] = [];
  readonly #stopped = new Set<string>();
  #order = 0;

  constructor(seed: number, settings: Partial<MembershipSettings> = {}) {
    this.#random = new SeededRandom(seed);
    this.#settings = { ...DEFAULT_MEMBERSHIP_SETTINGS, ...settings };
  }

  start(name: string, seeds: readonly string[]): MembershipState {
    this.#stopped.delete(name);
    const random = this.#random.unit;
    const state = newMembership(name, DETAILS, this.now + 1, this.#settings, random, this.now);
    this.members.set(name, state);
    this.step(name, { kind: 'join', seeds });
    this.#schedule(state);
    return state;
  }

  /** As `kill -9`: it says nothing and hears nothing any more. */
  stop(name: string): void {
    this.#stopped.add(name);
    this.members.delete(name);
  }

  step(name: string, event: MembershipEvent): void {
    const state = this.members.get(name);
    if (!state) return;
    for (const effect of stepMembership(state, event, this.now)) this.#perform(name, effect);
  }

  run(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  /** Runs until the claim holds, at most so long; says how many ms it took, undefined when it never did. */
  until(claim: () => boolean, ms: number, checkMs = 100): number | undefined {
    const begin = this.now;
    while (this.now < begin + ms) {
      if (claim()) return this.now - begin;
      this.run(checkMs);
    }
    return claim() ? this.now - begin : undefined;
  }

  /** What `of` takes `name` for. */
  status(of: string, name: string): MemberStatus | undefined {
    return this.members.get(of)?.members.get(name)?.record.status;
  }

  /** Everybody knows everybody who runs as alive, and nobody else as up. */
  agreed(): boolean {
    const running = [...this.members.keys()];
    return running.every((of) => {
      let up = 0;
      for (const { record } of this.members.get(of)!.members.values()) {
        if (record.status === 'suspect') return false;
        if (record.status !== 'alive') continue;
        if (!this.members.has(record.name)) return false;
        up++;
      }
      return up === running.length;
    });
  }

  #perform(from: string, effect: MembershipEffect): void {
    if (effect.kind !== 'send') return;
    const { to, message } = effect;
    this.messages++;
    this.bytes += 24 + 90 * (message.kind === 'gossip.sync' ? message.members.length : message.updates.length);
    if (this.#random.chance(this.loss) || !this.passes(from, to)) return;
    this.#at(this.now + 1 + this.#random.below(20), () => this.step(to, { kind: 'message', from, message }));
  }

  #schedule(state: MembershipState): void {
    const at = Math.max(this.now + 1, Math.min(nextDeadline(state), this.now + this.#settings.probeTimeoutMs));
    if (!Number.isFinite(at)) return;
    this.#at(at, () => {
      if (this.members.get(state.self) !== state) return;
      this.step(state.self, { kind: 'tick' });
      this.#schedule(state);
    });
  }

  #at(at: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#order++, run });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const child = left + 1 < heap.length && before(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (child >= heap.length || !before(heap[child]!, heap[i]!)) return;
      [heap[i], heap[child]] = [heap[child]!, heap[i]!];
      i = child;
    }
  }
}

function before(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
