/**
 * Who is in the cluster and who of them answers: SWIM (Das, Gupta & Motivala, DSN 2002) with suspicion, named after
 * HashiCorp's memberlist. Every probe interval one member is pinged, each once a round in random order; without an answer
 * others are asked to try; without theirs it is suspected, and given up unless it refutes with a higher incarnation.
 * News rides on all of these messages and is sent around while it is fresh; the whole state is exchanged when joining
 * and now and then.
 */
import { everyMember } from '../../wire/address.js';
import { unreachable } from '../../wire/exhaustive.js';
import type { MemberRecord } from '../../wire/membership.js';
import type { GossipMessage, GossipSync } from '../../wire/messages/gossip.js';
import { isLost, isMissing, takeInLost } from './lost-holders.js';
import { accept, confirm, mergeRecord } from './merge.js';
import { isUp, type MembershipEffect, type MembershipEvent, type MembershipState } from './state.js';

export function stepMembership(state: MembershipState, event: MembershipEvent, now: number): MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  switch (event.kind) {
    case 'join':
      state.seeds = event.seeds.filter((seed) => seed !== state.self);
      for (const seed of state.seeds) sendSync(state, seed, false, effects);
      break;
    case 'update': {
      const { record } = state.members.get(state.self)!;
      const next = { ...record, incarnation: record.incarnation + 1, details: event.details };
      if (!state.left) accept(state, next, now, effects);
      break;
    }
    case 'leave':
      leave(state, now, effects);
      break;
    case 'forget':
      forget(state, event.name, now, effects);
      break;
    case 'message':
      if (!state.left) {
        receive(state, event.from, event.message, now, effects);
        const sender = state.members.get(event.from);
        if (sender) sender.heardAt = now;
      }
      break;
    case 'tick':
      if (!state.left) tick(state, now, effects);
      break;
    default:
      unreachable(event);
  }
  return effects;
}

/** When the next tick is due, in monotonic ms. */
export function nextDeadline(state: MembershipState): number {
  if (state.left) return Number.POSITIVE_INFINITY;
  let next = Math.min(state.nextProbeAt, state.nextSyncAt);
  if (!state.broadcasts.empty) next = Math.min(next, state.nextGossipAt);
  if (state.probe) next = Math.min(next, state.probe.indirect ? state.probe.endsAt : state.probe.indirectAt);
  for (const name of state.ailing) {
    next = Math.min(next, state.members.get(name)?.suspicion?.deadline ?? Number.POSITIVE_INFINITY);
  }
  return next;
}

function leave(state: MembershipState, now: number, effects: MembershipEffect[]): void {
  if (state.left) return;
  const { record } = state.members.get(state.self)!;
  const gone: MemberRecord = { ...record, incarnation: record.incarnation + 1, status: 'left' };
  accept(state, gone, now, effects);
  for (const name of shuffled(state, others(state)).slice(0, FAREWELLS)) {
    effects.push({ kind: 'send', to: name, message: { kind: 'gossip.sync', members: [gone], answer: true } });
  }
  state.left = true;
}

/**
 * The dead one passes for one that left, of the same incarnation: all who hear it forget it, late news of its death is
 * older, and should it be alive after all it refutes, as it would its death (Serf calls this force-leave).
 */
function forget(state: MembershipState, name: string, now: number, effects: MembershipEffect[]): void {
  const entry = state.members.get(name);
  if (state.left || entry?.record.status !== 'dead') return;
  accept(state, withStatus(entry.record, 'left'), now, effects);
}

const EVERYONE = everyMember();
/** Members that ask everyone in one sync interval, on average. */
const BROADCASTERS = 3;

/** Members told directly that this one leaves; they tell the rest. */
const FAREWELLS = 8;

function receive(
  state: MembershipState,
  from: string,
  message: GossipMessage,
  now: number,
  effects: MembershipEffect[],
): void {
  if (!state.members.has(from) && message.kind !== 'gossip.sync') sendSync(state, from, false, effects);
  switch (message.kind) {
    case 'gossip.ping':
      mergeAll(state, message.updates, now, effects);
      send(state, from, { kind: 'gossip.ack', sequence: message.sequence }, effects);
      return;
    case 'gossip.ping-req': {
      mergeAll(state, message.updates, now, effects);
      const sequence = ++state.sequence;
      const endsAt = now + state.settings.probeIntervalMs;
      state.relays.set(sequence, { to: from, sequence: message.sequence, endsAt });
      send(state, message.target, { kind: 'gossip.ping', sequence }, effects);
      return;
    }
    case 'gossip.ack': {
      mergeAll(state, message.updates, now, effects);
      if (state.probe?.sequence === message.sequence) state.probe = undefined;
      const relay = state.relays.get(message.sequence);
      if (!relay) return;
      state.relays.delete(message.sequence);
      send(state, relay.to, { kind: 'gossip.ack', sequence: relay.sequence }, effects);
      return;
    }
    case 'gossip.news':
      mergeAll(state, message.updates, now, effects);
      return;
    case 'gossip.sync':
      mergeAll(state, message.members, now, effects);
      takeInLost(state, message.members, now, effects);
      if (!message.answer) sendSync(state, from, true, effects);
      return;
    default:
      unreachable(message);
  }
}

function tick(state: MembershipState, now: number, effects: MembershipEffect[]): void {
  const { settings } = state;
  for (const [sequence, relay] of state.relays) if (relay.endsAt <= now) state.relays.delete(sequence);
  expire(state, now, effects);
  const { probe } = state;
  if (probe && !probe.indirect && probe.indirectAt <= now) askOthers(state, probe, effects);
  if (probe && probe.endsAt <= now) {
    state.probe = undefined;
    suspect(state, probe.target, now, effects);
  }
  if (state.nextProbeAt <= now) {
    state.nextProbeAt = now + settings.probeIntervalMs;
    startProbe(state, now, effects);
  }
  if (state.nextGossipAt <= now && !state.broadcasts.empty) {
    state.nextGossipAt = now + settings.gossipIntervalMs;
    for (const to of sample(state, settings.gossipMembers)) send(state, to, { kind: 'gossip.news' }, effects);
  }
  if (state.nextSyncAt <= now) {
    state.nextSyncAt = now + settings.syncIntervalMs;
    syncWithOne(state, effects);
  }
}

/** Suspects that did not refute are dead; the dead are forgotten after a while, unless too many are missed. */
function expire(state: MembershipState, now: number, effects: MembershipEffect[]): void {
  const { holderRole, tombstoneMs } = state.settings;
  const isMissed = isMissing(state);
  for (const name of state.ailing) {
    const entry = state.members.get(name)!;
    if (entry.suspicion && entry.suspicion.deadline <= now) {
      accept(state, withStatus(entry.record, 'dead'), now, effects);
    } else if (!isUp(entry) && entry.since + tombstoneMs <= now && !(isMissed && isLost(entry.record, holderRole))) {
      state.members.delete(name);
      state.ailing.delete(name);
      effects.push({ kind: 'forgotten', name });
    }
  }
}

function withStatus({ suspectedBy: _, ...record }: MemberRecord, status: MemberRecord['status']): MemberRecord {
  return { ...record, status };
}

/** The next member of the round; a round probes everyone once, so that none waits longer than two (SWIM, section 4.3). */
function startProbe(state: MembershipState, now: number, effects: MembershipEffect[]): void {
  if (state.probe) return;
  for (let fresh = false; ; ) {
    const target = state.round.pop();
    if (target === undefined) {
      if (fresh) return;
      state.round = shuffled(state, others(state));
      state.names = state.round.slice();
      fresh = true;
      continue;
    }
    const entry = state.members.get(target);
    if (!entry || !isUp(entry)) continue;
    const { probeTimeoutMs, probeIntervalMs } = state.settings;
    const sequence = ++state.sequence;
    const times = { indirectAt: now + probeTimeoutMs, endsAt: now + probeIntervalMs };
    state.probe = { target, sequence, ...times, indirect: false };
    send(state, target, { kind: 'gossip.ping', sequence }, effects);
    return;
  }
}

function askOthers(
  state: MembershipState,
  probe: NonNullable<MembershipState['probe']>,
  effects: MembershipEffect[],
): void {
  probe.indirect = true;
  const { sequence, target } = probe;
  const helpers = shuffled(
    state,
    others(state).filter((name) => name !== target),
  );
  for (const helper of helpers.slice(0, state.settings.indirectChecks)) {
    send(state, helper, { kind: 'gossip.ping-req', sequence, target }, effects);
  }
}

function suspect(state: MembershipState, name: string, now: number, effects: MembershipEffect[]): void {
  const entry = state.members.get(name);
  if (entry === undefined) return;
  const record: MemberRecord = { ...entry.record, status: 'suspect', suspectedBy: state.self };
  if (entry.record.status === 'alive') accept(state, record, now, effects);
  else if (entry.record.status === 'suspect') confirm(state, entry, record, now);
}

/** With a random member; with the seeds as long as nobody is known, so that a cluster cut in two finds together. */
function syncWithOne(state: MembershipState, effects: MembershipEffect[]): void {
  const [partner] = shuffled(state, others(state));
  if (partner !== undefined) sendSync(state, partner, false, effects);
  const strangers = state.seeds.filter((seed) => {
    const entry = state.members.get(seed);
    return !entry || !isUp(entry);
  });
  const [seed] = shuffled(state, strangers);
  // Everyone answers everyone, so of many members only a few ask.
  if (seed === EVERYONE && state.random() * state.names.length > BROADCASTERS) return;
  if (seed !== undefined) sendSync(state, seed, false, effects);
}

function sendSync(state: MembershipState, to: string, answer: boolean, effects: MembershipEffect[]): void {
  const members = [...state.members.values()].map(({ record }) => record);
  const message: GossipSync = { kind: 'gossip.sync', members, answer };
  effects.push({ kind: 'send', to, message });
}

type Bare<M> = M extends { readonly updates: readonly MemberRecord[] } ? Omit<M, 'updates'> : never;

/** Sends a message with as much news as fits. */
function send(state: MembershipState, to: string, message: Bare<GossipMessage>, effects: MembershipEffect[]): void {
  const { retransmitMultiplier, updatesPerMessageMax } = state.settings;
  const limit = retransmitMultiplier * Math.ceil(Math.log10(state.members.size + 1));
  const updates = state.broadcasts.take(updatesPerMessageMax, limit);
  const entry = state.members.get(to);
  if (entry && entry.record.status !== 'alive') updates.push(entry.record); // so that it can refute
  effects.push({ kind: 'send', to, message: { ...message, updates } });
}

function mergeAll(
  state: MembershipState,
  records: readonly MemberRecord[],
  now: number,
  effects: MembershipEffect[],
): void {
  for (const record of records) mergeRecord(state, record, now, effects);
}

function others(state: MembershipState): string[] {
  const names: string[] = [];
  for (const [name, entry] of state.members) if (name !== state.self && isUp(entry)) names.push(name);
  return names;
}

/** Some of the other members, chosen at random without looking at all of them. */
function sample({ members, self, random, names }: MembershipState, count: number): string[] {
  const chosen = new Set<string>();
  for (let tries = 0; tries < count * SAMPLE_TRIES && chosen.size < count; tries++) {
    const name = names[Math.floor(random() * names.length)];
    const entry = name === undefined || name === self ? undefined : members.get(name);
    if (entry && isUp(entry)) chosen.add(entry.record.name);
  }
  return [...chosen];
}

const SAMPLE_TRIES = 3;

/** Fisher-Yates. */
function shuffled({ random }: MembershipState, names: string[]): string[] {
  for (let i = names.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [names[i], names[j]] = [names[j]!, names[i]!];
  }
  return names;
}
