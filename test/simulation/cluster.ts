/** All processes of a simulated cluster, and what can be done to them. */
import { Membership } from '../../src/actors/membership/actor.js';
import { DEFAULT_MEMBERSHIP_SETTINGS } from '../../src/actors/membership/settings.js';
import { faultReply, type Router } from '../../src/actors/runtime/router.js';
import { LocalRouter } from '../../src/actors/runtime/router-local.js';
import { NatsRouter } from '../../src/actors/runtime/router-nats.js';
import { MemoryBucket } from '../../src/storage/bucket/memory.js';
import type { Disk } from '../../src/storage/disk.js';
import type { PartitionStream } from '../../src/storage/jetstream/types.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import { markName } from '../../src/storage/wal/segment.js';
import { fault } from '../../src/wire/fault.js';
import type { InstanceState, MemberDetails } from '../../src/wire/membership.js';
import type { Message, Reply } from '../../src/wire/message.js';
import type { SeededRandom } from '../support/random.js';
import { SimDisk } from '../support/sim-disk.js';
import { type BucketFaults, CALM_BUCKET, SimBucket } from './bucket.js';
import { SimJetStream } from './jetstream.js';
import { type SimConnection, SimNats } from './nats.js';
import { SimProcess, WallClock } from './process.js';
import { type Parts, type Role, type Running, startRole } from './roles.js';
import type { Shape } from './swarm.js';
import { ClusterView, PartitionView } from './view.js';
import type { World } from './world.js';

/** What a planted bug replaces. Nothing of it is there in other runs. */
export interface Sabotage {
  readonly disk?: (disk: Disk) => Disk;
  readonly router?: (router: Router, role: Role | 'membership', process: SimProcess) => Router;
  readonly parts?: (parts: Parts, role: Role) => Parts;
  readonly stream?: (stream: PartitionStream) => PartitionStream;
}

/** Messages are rarer than in production, so that a seed is about something else. */
const MEMBERSHIP = {
  ...DEFAULT_MEMBERSHIP_SETTINGS,
  ...{ probeIntervalMs: 2000, syncIntervalMs: 20_000, gossipIntervalMs: 400, gossipMembers: 2 },
};
/** As `src/cli` waits for others to hear of it. */
const SPREAD_MS = 600;

/** A running process. */
export interface Life {
  readonly process: SimProcess;
  readonly connection: SimConnection;
  readonly local: LocalRouter;
  readonly membership: Membership;
  readonly details: MemberDetails;
  readonly view: ClusterView;
  readonly running: Running;
  isReady: boolean;
}

/** A machine: what is left when its process dies. */
export interface Host {
  readonly role: Role;
  readonly zone: string;
  readonly wall: WallClock;
  name: string;
  disk: SimDisk;
  diskLatencyMs: number;
  lives: number;
  life: Life | undefined;
  /** When it was last started or killed. */
  sinceMs: number;
}

export class Cluster {
  readonly world: World;
  readonly shape: Shape;
  readonly nats: SimNats;
  readonly store = new MemoryBucket();
  readonly bucketFaults: BucketFaults = { ...CALM_BUCKET };
  readonly hosts: Host[] = [];
  /** Undefined where ingesters have logs of their own. */
  readonly log: SimJetStream | undefined;
  readonly #random: SeededRandom;
  readonly #sabotage: Sabotage;

  constructor(world: World, shape: Shape, drift: number, sabotage: Sabotage) {
    this.world = world;
    this.shape = shape;
    this.#sabotage = sabotage;
    this.#random = world.random();
    this.nats = new SimNats(world, shape.maxPayload);
    const counts: readonly (readonly [Role, number])[] = [
      ['ingester', shape.ingesters],
      ['distributor', shape.distributors],
      ['querier', shape.queriers],
      ['worker', shape.workers],
    ];
    for (const [role, count] of counts) {
      for (let i = 0; i < count; i++) this.hosts.push(this.#host(role, i, drift));
    }
    this.log = shape.log && new SimJetStream(world, this.nats, shape.log);
  }

  of(role: Role): Host[] {
    return this.hosts.filter((host) => host.role === role);
  }

  start(host: Host): void {
    const { world, shape } = this;
    const process = new SimProcess(world, host.name, host.wall, this.#random);
    const connection = this.nats.connect(process);
    const local = new LocalRouter({
      clock: process,
      onTrouble: (what, at, detail) => {
        if (what === 'handler threw') world.fail(`${at}: ${(detail as Error).stack}`);
        else world.note(`${process.name} ${what} ${at}`);
      },
    });
    const nats = new NatsRouter(connection.asClient, local, {
      cluster: 'sim',
      process: `${host.name}-${++host.lives}`,
      clock: process,
      onTrouble: (what, _, detail) => {
        if (detail !== undefined) world.fail(`${process.name}: ${what}: ${(detail as Error).stack}`);
      },
    });
    const routerOf = (role: Role | 'membership'): Router => this.#sabotage.router?.(nats, role, process) ?? nats;
    const details: MemberDetails = {
      roles: host.role === 'querier' ? ['querier', 'scheduler'] : [host.role],
      zone: host.zone,
      address: '',
      state: host.role === 'ingester' ? 'JOINING' : 'ACTIVE',
      registeredMs: Number(process.now() / 1_000_000n),
    };
    const view = shape.log
      ? new PartitionView(() => membership, shape.log.partitions)
      : new ClusterView(() => membership, shape.replicationFactor);
    const membership: Membership = new Membership(
      host.name,
      details,
      { router: routerOf('membership'), clock: process, random: process, onChange: () => view.changed() },
      { ...MEMBERSHIP, lostHoldersMax: Math.floor(shape.replicationFactor / 2) },
    );
    membership.join(['*']);
    const bucket = new SimBucket(process, this.store, this.bucketFaults, this.#random);
    const parts: Parts = {
      ...{ shape, process, view, router: routerOf(host.role), bucket, metastore: new Metastore(bucket) },
      disk: this.#sabotage.disk?.(host.disk) ?? host.disk,
      log: this.log,
      stream: this.#sabotage.stream ?? ((stream) => stream),
      onReady: () => {
        life.isReady = true;
        if (host.role === 'ingester') this.announce(life, 'ACTIVE');
      },
    };
    // Disk operations of this life end with it.
    host.disk.perform = this.#perform(host, process);
    const life: Life = {
      ...{ process, connection, local, membership, details, view, isReady: false },
      running: undefined!,
    };
    Object.assign(life, { running: startRole(host.role, this.#sabotage.parts?.(parts, host.role) ?? parts) });
    host.life = life;
    host.sinceMs = world.nowMs;
  }

  announce({ membership, details }: Life, state: InstanceState): void {
    membership.update({ ...details, state });
  }

  /** As kill -9: what was not synced may be gone, in part, or there. */
  kill(host: Host): void {
    const { life } = host;
    if (!life) return;
    life.process.kill();
    this.nats.disconnect(life.connection);
    host.disk = host.disk.crash(this.#random.unit);
    host.life = undefined;
    host.sinceMs = this.world.nowMs;
  }

  /** A clean end, as at SIGTERM. */
  async stop(host: Host): Promise<void> {
    const { life } = host;
    if (!life) return;
    this.announce(life, 'LEAVING');
    await life.running.stop();
    if (host.life !== life) return; // killed meanwhile
    life.membership.leave();
    await this.world.sleep(SPREAD_MS);
    if (host.life !== life) return;
    life.process.kill();
    this.nats.disconnect(life.connection);
    host.life = undefined;
    host.sinceMs = this.world.nowMs;
  }

  /** A new machine takes the place of one whose disk is gone. */
  replace(host: Host): void {
    this.kill(host);
    host.disk = new SimDisk();
    host.name = `${host.name}x`;
  }

  /** What an HTTP client sees: it knows the machine's address, and the process may be gone before it answers. */
  request(host: Host, to: string, message: Message, timeoutMs: number): Promise<Reply> {
    const { world } = this;
    const refused = faultReply(fault('unavailable', 'connection refused'));
    const { life } = host;
    if (!life) return world.sleep(1).then(() => refused);
    return new Promise((resolve) => {
      const settle = (reply: Reply): void => {
        life.process.watchers.delete(onDeath);
        giveUp();
        resolve(reply);
      };
      const onDeath = (): void => settle(refused);
      life.process.watchers.add(onDeath);
      const late = faultReply(fault('timeout', 'the client waits no longer'));
      const giveUp = world.after(timeoutMs, () => settle(late));
      life.process.whenRunning(() => {
        void life.local.ask('api/0', to, message, { timeoutMs: timeoutMs * 2 }).then(settle);
      });
    });
  }

  #host(role: Role, i: number, drift: number): Host {
    const rate = 1 + drift * (2 * this.#random.unit() - 1);
    const disk = new SimDisk();
    if (!this.shape.isNew) disk.put(markName({ seq: 0, isDoubtful: false }), Buffer.alloc(0));
    return {
      role,
      name: `${role}-${i}`,
      zone: `zone-${i % this.shape.zones}`,
      wall: new WallClock(this.world, rate, 0),
      disk,
      diskLatencyMs: 1,
      lives: 0,
      life: undefined,
      sinceMs: 0,
    };
  }

  #perform(host: Host, process: SimProcess): SimDisk['perform'] {
    return (what, work) =>
      new Promise((resolve, reject) => {
        this.world.after(this.#random.unit() * host.diskLatencyMs, () => {
          if (process.isDead) return;
          this.world.note(`${process.name} disk ${what}`);
          try {
            const value = work();
            process.whenRunning(() => resolve(value));
          } catch (error) {
            process.whenRunning(() => reject(error));
          }
        });
      });
  }
}
