/** This process as a member of a cluster: what it tells and hears about who is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { Membership } from '../../actors/membership/actor.js';
import { DEFAULT_MEMBERSHIP_SETTINGS, type MembershipSettings } from '../../actors/membership/settings.js';
import type { Clock, Random } from '../../actors/runtime/clock.js';
import type { NatsRouter } from '../../actors/runtime/router-nats.js';
import { everyMember } from '../../wire/address.js';
import type { InstanceState, MemberDetails, MemberRecord } from '../../wire/membership.js';
import type { Peers } from './peers.js';

/** So long after saying farewell everybody who is there has heard it, nearly always. */
const SPREAD_MS = 600;

/** What a process says of itself for as long as it lives. */
export type Self = Pick<MemberDetails, 'roles' | 'zone' | 'address'> & { readonly name: string };

export class ClusterMember {
  readonly router: NatsRouter;
  readonly connection: NatsConnection;
  readonly #membership: Membership;
  readonly #details: Omit<MemberDetails, 'state'>;
  #dead: ReadonlySet<string> = new Set();

  constructor(
    connection: NatsConnection,
    router: NatsRouter,
    parts: { readonly clock: Clock; readonly random: Random; readonly peers: Peers },
    { name, ...details }: Self,
    cluster: { readonly probe_interval: number; readonly take_over_after: number },
  ) {
    this.router = router;
    this.connection = connection;
    const { clock, random, peers } = parts;
    const onChange = (): void => {
      const members = this.#membership.members();
      peers.update(members);
      this.#giveUp(members);
    };
    this.#details = { ...details, registeredMs: Number(clock.now() / 1_000_000n) };
    this.#membership = new Membership(
      name,
      { ...this.#details, state: 'JOINING' },
      { router, clock, random, onChange },
      membershipSettings(cluster.probe_interval, cluster.take_over_after, peers.lostHoldersMax),
    );
    peers.update(this.#membership.members());
    this.#membership.join([everyMember()]);
  }

  /** Those that have died since the last change answer nobody any more. */
  #giveUp(members: readonly MemberRecord[]): void {
    const dead = new Set(members.filter(({ status }) => status === 'dead').map(({ name }) => name));
    for (const name of dead) if (!this.#dead.has(name)) this.router.giveUp(name);
    this.#dead = dead;
  }

  /** Milliseconds since a member was heard; undefined while only others have told of it. */
  silenceMs(name: string): number | undefined {
    return this.#membership.silenceMs(name);
  }

  become(state: InstanceState): void {
    this.#membership.update({ ...this.#details, state });
  }

  /** Everybody forgets a member that was given up. */
  forget(name: string): void {
    this.#membership.forget(name);
  }

  /** Others send nothing new to this process once this has resolved. */
  async retire(): Promise<void> {
    this.become('LEAVING');
    await sleep(SPREAD_MS);
  }

  /** Others ask this process for nothing any more once this has resolved. */
  async leave(): Promise<void> {
    this.#membership.leave();
    await sleep(SPREAD_MS);
  }

  async close(): Promise<void> {
    this.#membership.close();
    await this.connection.close();
  }
}

/** The dead are remembered until others have taken over what they held, and a while longer. */
function membershipSettings(probeIntervalMs: number, takeOverMs: number, lostHoldersMax: number): MembershipSettings {
  const { tombstoneMs } = DEFAULT_MEMBERSHIP_SETTINGS;
  return {
    ...DEFAULT_MEMBERSHIP_SETTINGS,
    ...{ probeIntervalMs, probeTimeoutMs: probeIntervalMs / 2, lostHoldersMax },
    tombstoneMs: Math.max(tombstoneMs, 2 * takeOverMs),
  };
}
