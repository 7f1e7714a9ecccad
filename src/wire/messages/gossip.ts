import type { MemberRecord } from '../membership.js';

export type GossipMessage = GossipPing | GossipPingRequest | GossipAck | GossipNews | GossipSync;

/** membership -> membership, once a probe interval: are you there? Answered by `gossip.ack`. Safe twice. */
export interface GossipPing {
  readonly kind: 'gossip.ping';
  readonly sequence: number;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, when a ping got no answer: ping `target` for me. Safe twice. */
export interface GossipPingRequest {
  readonly kind: 'gossip.ping-req';
  readonly sequence: number;
  readonly target: string;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership: I am there, or, after a `ping-req`, the other one is. Safe twice, or never asked for. */
export interface GossipAck {
  readonly kind: 'gossip.ack';
  readonly sequence: number;
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, a few members a few times a second while there is any. Safe twice. */
export interface GossipNews {
  readonly kind: 'gossip.news';
  readonly updates: readonly MemberRecord[];
}

/** membership -> membership, when joining, leaving and now and then: everyone I know; without `answer`, tell me yours. */
export interface GossipSync {
  readonly kind: 'gossip.sync';
  readonly members: readonly MemberRecord[];
  readonly answer: boolean;
}
