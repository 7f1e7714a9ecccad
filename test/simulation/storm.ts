/** Makes things go wrong as the seed's weather says, and right again. */
import type { SeededRandom } from '../support/random.js';
import { CALM_BUCKET } from './bucket.js';
import { checkBounds } from './checks.js';
import type { Cluster, Host } from './cluster.js';
import { CALM } from './nats.js';
import type { Weather } from './swarm.js';

export class Storm {
  readonly #cluster: Cluster;
  readonly #weather: Weather;
  readonly #random: SeededRandom;
  #lossAtSecond: number;

  constructor(cluster: Cluster, weather: Weather) {
    this.#cluster = cluster;
    this.#weather = weather;
    this.#random = cluster.world.random();
    this.#lossAtSecond = weather.loss === 'none' ? -1 : this.#random.below(weather.seconds);
  }

  async run(): Promise<void> {
    const { world, nats, bucketFaults } = this.#cluster;
    const { seconds, drop, duplicate, delayMs, reorder, bucketRefuse, bucketAmbiguous, bucketLatencyMs } =
      this.#weather;
    nats.faults = { drop, duplicate, delayMs, reorder };
    Object.assign(bucketFaults, { refuse: bucketRefuse, ambiguous: bucketAmbiguous, latencyMs: bucketLatencyMs });
    for (let second = 0; second < seconds; second++) {
      this.#second(second);
      checkBounds(this.#cluster);
      await world.run(1000);
    }
  }

  /** Everything works again, and everybody is there. */
  heal(): void {
    const { world, nats, bucketFaults, hosts } = this.#cluster;
    world.note('-- healed');
    nats.faults = CALM;
    nats.cut.clear();
    if (!nats.isUp) nats.start();
    Object.assign(bucketFaults, CALM_BUCKET);
    for (const host of hosts) {
      this.#healDisk(host);
      host.life?.process.resume();
      if (!host.life) this.#cluster.start(host);
    }
  }

  #second(second: number): void {
    const random = this.#random;
    const weather = this.#weather;
    const { world, hosts, nats, bucketFaults } = this.#cluster;
    const ingester = random.pick(this.#cluster.of('ingester'));
    const host = random.chance(0.6) ? ingester : random.pick(hosts);
    if (random.chance(weather.crash)) this.#crash(host, 200 + random.below(random.pick([1000, 12_000])));
    if (random.chance(weather.restart)) this.#restart(random.pick(hosts));
    if (random.chance(weather.pause)) this.#pause(random.pick(hosts));
    if (random.chance(weather.cut)) this.#cut();
    if (random.chance(weather.natsRestart) && nats.isUp) {
      world.fault('NATS stopped');
      nats.stop();
      this.#later(500 + random.below(5000), () => nats.isUp || nats.start());
    }
    if (random.chance(weather.clockStep)) {
      const stepMs = random.pick([-60_000, -1000, 1000, 60_000]);
      world.fault('clock step', `${host.name} ${stepMs}`);
      host.wall.offsetMs += stepMs;
    }
    if (random.chance(weather.diskFull)) {
      world.fault('disk full', ingester.name);
      ingester.disk.capacity = ingester.disk.used() + random.below(300);
      this.#later(1000 + random.below(4000), () => this.#healDisk(ingester));
    }
    if (random.chance(weather.diskError)) {
      const code = random.pick(['EIO', 'ENOSPC']);
      world.fault('disk error', ingester.name);
      ingester.disk.fault = (operation) => (/append|sync|create/.test(operation) ? code : undefined);
      this.#later(random.below(3000), () => this.#healDisk(ingester));
    }
    if (random.chance(weather.diskSlow)) {
      world.fault('disk slow', ingester.name);
      ingester.diskLatencyMs = random.pick([200, 3000]);
      this.#later(1000 + random.below(8000), () => this.#healDisk(ingester));
    }
    if (random.chance(weather.bucketDown)) {
      world.fault('bucket down');
      bucketFaults.isDown = true;
      this.#later(500 + random.below(6000), () => (bucketFaults.isDown = false));
    }
    if (second === this.#lossAtSecond) this.#lose(ingester);
  }

  #crash(host: Host, awayMs: number): void {
    if (!host.life) return;
    this.#cluster.world.fault('crash', host.name);
    this.#cluster.kill(host);
    this.#later(awayMs, () => host.life || this.#cluster.start(host));
  }

  /** A clean stop, as in a rolling restart. */
  #restart(host: Host): void {
    if (!host.life?.isReady || host.life.process.isPaused) return;
    this.#cluster.world.fault('restart', host.name);
    void this.#cluster.stop(host).then(() => this.#later(500, () => host.life || this.#cluster.start(host)));
  }

  #pause(host: Host): void {
    const { life } = host;
    if (!life || life.process.isPaused) return;
    this.#cluster.world.fault('pause', host.name);
    life.process.pause();
    this.#later(100 + this.#random.below(this.#random.pick([2000, 20_000])), () => life.process.resume());
  }

  #cut(): void {
    const { hosts, nats, world } = this.#cluster;
    const [a, b] = [this.#random.pick(hosts).name, this.#random.pick(hosts).name];
    const links = [`${a}>${b}`, ...(this.#random.chance(0.5) ? [`${b}>${a}`] : [])];
    world.fault(links.length === 1 ? 'one-way cut' : 'cut', links[0]);
    for (const link of links) nats.cut.add(link);
    this.#later(1000 + this.#random.below(10_000), () => {
      for (const link of links) nats.cut.delete(link);
    });
  }

  /** The one loss of synced data that a run may have: replicas must make up for it. */
  #lose(host: Host): void {
    const { world, nats, log } = this.#cluster;
    if (log) {
      world.fault('NATS without power');
      nats.stop();
      log.losePower();
      return this.#later(500 + this.#random.below(5000), () => nats.isUp || nats.start());
    }
    if (this.#weather.loss === 'disk') {
      world.fault('disk lost', host.name);
      this.#cluster.replace(host);
      return this.#later(1000 + this.#random.below(5000), () => host.life || this.#cluster.start(host));
    }
    const names = host.disk.names().filter((name) => host.disk.bytes(name).length > 0);
    if (names.length === 0) return;
    const name = this.#random.pick(names);
    world.fault('bit rot', `${host.name} ${name}`);
    this.#crash(host, 500);
    const bytes = host.disk.names().includes(name) ? host.disk.bytes(name).length : 0;
    for (let i = 0; i < 3 && bytes > 0; i++) host.disk.flip(name, this.#random.below(bytes), this.#random.below(8));
  }

  #healDisk(host: Host): void {
    host.disk.capacity = Number.POSITIVE_INFINITY;
    host.disk.fault = () => undefined;
    host.diskLatencyMs = 1;
  }

  #later(ms: number, act: () => unknown): void {
    this.#cluster.world.after(ms, () => void act());
  }
}
