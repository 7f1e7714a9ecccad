import type { MemberDetails, MemberRecord } from '../../wire/membership.js';
import type { GossipMessage } from '../../wire/messages/gossip.js';
import { Broadcasts } from './broadcasts.js';
import type { MembershipSettings } from './settings.js';

export interface MemberEntry {
  record: MemberRecord;
  /** Monotonic ms of the last change of status. */
  since: number;
  /** Monotonic ms of the last message from it; undefined while only others have told of it. */
  heardAt: number | undefined;
  /** Only while suspect: who says so, and when the benefit of the doubt ends. */
  suspicion?: { readonly by: Set<string>; deadline: number };
}

/** A probe under way. */
export interface Probe {
  readonly target: string;
  readonly sequence: number;
  readonly indirectAt: number;
  readonly endsAt: number;
  indirect: boolean;
}

/** A probe on behalf of another member. */
export interface Relay {
  readonly to: string;
  readonly sequence: number;
  readonly endsAt: number;
}

/** What one member knows of all. Changed by `step` alone; times are monotonic ms. */
export interface MembershipState {
  readonly self: string;
  readonly settings: MembershipSettings;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly members: Map<string, MemberEntry>;
  /** Names of those that are not alive. */
  readonly ailing: Set<string>;
  readonly broadcasts: Broadcasts;
  readonly relays: Map<number, Relay>;
  /** Members as of the last round, to draw from. */
  names: readonly string[];
  /** Members still to be probed in this round. */
  round: string[];
  probe: Probe | undefined;
  sequence: number;
  nextProbeAt: number;
  nextGossipAt: number;
  nextSyncAt: number;
  /** Names to find the cluster by, asked again when they are not known; `*` is everyone, where a transport has that. */
  seeds: readonly string[];
  left: boolean;
  /** Members refused because `membersMax` are known. */
  refused: number;
}

export type MembershipEvent =
  | { readonly kind: 'message'; readonly from: string; readonly message: GossipMessage }
  /** Time has passed: at least as often as `nextDeadline` says. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'join'; readonly seeds: readonly string[] }
  /** What this member says of itself has changed. */
  | { readonly kind: 'update'; readonly details: MemberDetails }
  | { readonly kind: 'leave' }
  /** A member that was given up is gone for good, says whoever runs the cluster. */
  | { readonly kind: 'forget'; readonly name: string };

export type MembershipEffect =
  | { readonly kind: 'send'; readonly to: string; readonly message: GossipMessage }
  /** News for whoever watches the membership: a new record of a member, or that it is forgotten. */
  | { readonly kind: 'changed'; readonly record: MemberRecord }
  | { readonly kind: 'forgotten'; readonly name: string };

/** `incarnation`: higher than in any earlier life of this name; the wall clock in ms does. */
export function newMembership(
  self: string,
  details: MemberDetails,
  incarnation: number,
  settings: MembershipSettings,
  random: () => number,
  now: number,
): MembershipState {
  const record: MemberRecord = { name: self, incarnation, status: 'alive', details };
  return {
    self,
    settings,
    random,
    members: new Map([[self, { record, since: now, heardAt: now }]]),
    ailing: new Set(),
    broadcasts: new Broadcasts(),
    relays: new Map(),
    names: [],
    round: [],
    probe: undefined,
    sequence: 0,
    nextProbeAt: now + random() * settings.probeIntervalMs,
    nextGossipAt: now,
    nextSyncAt: now + random() * settings.syncIntervalMs,
    seeds: [],
    left: false,
    refused: 0,
  };
}

export function isUp({ record }: MemberEntry): boolean {
  return record.status === 'alive' || record.status === 'suspect';
}
