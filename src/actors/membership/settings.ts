/** Times in ms. Names and defaults after memberlist's for a local network. */
export interface MembershipSettings {
  /** One member is probed this often. */
  readonly probeIntervalMs: number;
  /** A probe without an answer this long is tried through others. */
  readonly probeTimeoutMs: number;
  /** Members asked to probe on one's behalf. */
  readonly indirectChecks: number;
  /** A suspect has this many times log10(n) probe intervals to refute, when enough others suspect it too. */
  readonly suspicionMultiplier: number;
  /** When nobody else suspects it, it has so many times longer. */
  readonly suspicionMaxMultiplier: number;
  /** Each update is sent this many times log10(n). */
  readonly retransmitMultiplier: number;
  /** While there is news, it is sent to `gossipMembers` others this often. */
  readonly gossipIntervalMs: number;
  readonly gossipMembers: number;
  /** Updates on one message. */
  readonly updatesPerMessageMax: number;
  /** The whole state is exchanged with one member this often. */
  readonly syncIntervalMs: number;
  /** The dead and the gone are remembered this long, so that late news does not bring them back. */
  readonly tombstoneMs: number;
  /** Members of this role hold what others may lack. */
  readonly holderRole: string;
  /** So many dead ones of that role are forgotten in time; of more, none is. */
  readonly lostHoldersMax: number;
  /** Members known at most, the dead included; more are refused. */
  readonly membersMax: number;
}

export const DEFAULT_MEMBERSHIP_SETTINGS: MembershipSettings = {
  probeIntervalMs: 1_000,
  probeTimeoutMs: 500,
  indirectChecks: 3,
  suspicionMultiplier: 4,
  suspicionMaxMultiplier: 6,
  retransmitMultiplier: 4,
  gossipIntervalMs: 200,
  gossipMembers: 3,
  updatesPerMessageMax: 24,
  syncIntervalMs: 30_000,
  tombstoneMs: 60_000,
  holderRole: 'ingester',
  lostHoldersMax: Number.POSITIVE_INFINITY,
  membersMax: 10_000,
};
