/** What may happen to a member: each fault begins, lasts, and ends with everything as it was. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaosCluster } from './cluster.js';
import type { Member } from './member.js';
import type { Cut, Network } from './network.js';

export interface Fault {
  readonly kind: string;
  readonly target: Member;
  readonly seconds: readonly [least: number, most: number];
  begin(): Promise<void>;
  end(): Promise<void>;
}

const READY_MS = 60_000;
const MIB = 1 << 20;

export function killed(target: Member, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Fault {
  return {
    kind: signal === 'SIGKILL' ? 'kill -9' : 'restart',
    target,
    seconds: signal === 'SIGKILL' ? [1, 15] : [0, 1],
    begin: () => target.stop(signal),
    end: async () => {
      target.start();
      if (target.options.url && !(await target.ready(READY_MS))) throw new Error(`${target.name} did not come back`);
    },
  };
}

export function paused(target: Member): Fault {
  return {
    kind: 'SIGSTOP',
    target,
    seconds: [2, 20],
    begin: async () => target.pause(),
    end: async () => target.resume(),
  };
}

export function cut(target: Member, how: Cut, network: Network): Fault {
  return {
    kind: `network ${how}`,
    target,
    seconds: [2, 15],
    begin: async () => network.cut(target.name, how),
    end: async () => network.heal(target.name),
  };
}

/** Fills the disk to the last byte. */
export function diskFull(target: Member): Fault {
  const ballast = join(target.options.data, 'ballast');
  return {
    kind: 'disk full',
    target,
    seconds: [3, 10],
    begin: async () => {
      const { bavail, bsize } = statfsSync(target.options.data);
      const file = openSync(ballast, 'w');
      const zeros = Buffer.alloc(MIB);
      try {
        for (let left = bavail * bsize; left > 0; left -= writeSync(file, zeros, 0, Math.min(MIB, left)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    end: async () => rmSync(ballast, { force: true }),
  };
}

/** Others write and sync on the same disk as fast as it goes. */
export function diskSlow(target: Member): Fault {
  const ballast = join(target.options.data, 'hog');
  const hogs: ReturnType<typeof spawn>[] = [];
  return {
    kind: 'disk slow',
    target,
    seconds: [5, 15],
    begin: async () => {
      for (let i = 0; i < 4; i++) {
        const script = `while :; do dd if=/dev/zero of=${ballast}${i} bs=256k count=256 oflag=dsync 2>/dev/null; done`;
        hogs.push(spawn('sh', ['-c', script], { stdio: 'ignore', detached: true }));
      }
    },
    end: async () => {
      for (const hog of hogs) stopGroup(hog);
      for (let i = 0; i < 4; i++) rmSync(`${ballast}${i}`, { force: true });
    },
  };
}

/** A shell and what it started. */
function stopGroup({ pid, exitCode, signalCode }: ReturnType<typeof spawn>): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

const CUTS: readonly Cut[] = ['both', 'inbound', 'outbound', 'loss'];

/** Faults of members that hold what is not in the bucket yet: one at a time, since that is what is promised. */
export function durableFaults(cluster: ChaosCluster, network: Network | undefined): Fault[] {
  const faults = cluster
    .of('ingester')
    .flatMap((one) => [killed(one), killed(one, 'SIGTERM'), paused(one), ...cuts(one, network)]);
  const small = cluster.of('ingester').find(({ options }) => options.data === cluster.smallDisk);
  if (small) faults.push(diskFull(small));
  const other = cluster.of('ingester').find((one) => one !== small);
  if (other) faults.push(diskSlow(other));
  return faults;
}

/** Faults of all others. */
export function statelessFaults(cluster: ChaosCluster, network: Network | undefined): Fault[] {
  const others = cluster.members.filter((one) => !one.options.role.includes('ingester'));
  const each = others.flatMap((one) => [killed(one), killed(one, 'SIGTERM'), paused(one), ...cuts(one, network)]);
  return [...each, killed(cluster.nats), paused(cluster.nats), killed(cluster.nats)];
}

function cuts(one: Member, network: Network | undefined): Fault[] {
  if (!network) return [];
  const ways = network.hasDelay ? ([...CUTS, 'delay'] as const) : CUTS;
  return ways.map((how) => cut(one, how, network));
}
