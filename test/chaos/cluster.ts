/** A NATS server and nine processes of ours, each with a data folder and, where that is possible, a network of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Member } from './member.js';
import type { Network } from './network.js';

const SKALD = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url));
const NATS_PORT = 4377;
const HTTP_PORT = 3377;
const SMALL_DISK = 'ingester-3';
const SMALL_DISK_MB = 512;
const READY_MS = 60_000;

const PLAN = [
  ['ingester', 3],
  ['distributor', 2],
  ['querier,scheduler', 2],
  ['worker', 2],
] as const;

/** Memory is flushed often, and the dead are replaced soon, so that a short run sees all of it. */
const SETTINGS = [
  'ingester.max_chunk_age=20s',
  'ingester.chunk_idle_period=10s',
  'limits.reject_old_samples=false',
  'limits.max_entries_limit_per_query=0',
  'limits.ingestion_rate_mb=1000',
  'limits.ingestion_burst_size_mb=1000',
  'limits.per_stream_rate_limit=1GB',
  'limits.per_stream_rate_limit_burst=1GB',
  'log.format=json',
  'query_engine.rehearsal=false',
];

export class ChaosCluster {
  readonly nats: Member;
  readonly members: readonly Member[];
  readonly folder: string;
  /** The folder with a disk of its own, small enough to be filled; undefined where none can be mounted. */
  readonly smallDisk: string | undefined;

  constructor(folder: string, network: Network | undefined) {
    this.folder = folder;
    mkdirSync(join(folder, 'logs'), { recursive: true });
    mkdirSync(join(folder, 'bucket'), { recursive: true });
    const host = network?.host ?? '127.0.0.1';
    this.nats = member(folder, 'nats', 'nats', '', ['nats-server', '-a', host, '-p', String(NATS_PORT)]);
    const nats = `nats://${host}:${NATS_PORT}`;
    let index = 0;
    this.members = PLAN.flatMap(([role, count]) =>
      Array.from({ length: count }, (_, i) => {
        const name = `${role.split(',')[0]}-${i + 1}`;
        const address = network?.add(name) ?? host;
        const port = network ? HTTP_PORT : HTTP_PORT + index++;
        const command = [...(network?.prefix(name) ?? []), ...serverCommand(folder, name, role, nats, address, port)];
        return member(folder, name, role, `http://${address}:${port}`, command);
      }),
    );
    this.smallDisk = mountSmall(join(folder, SMALL_DISK));
  }

  of(role: string): Member[] {
    return this.members.filter((one) => one.options.role.split(',').includes(role));
  }

  async start(): Promise<void> {
    this.nats.start();
    await sleep(500);
    for (const one of this.members) one.start();
    await this.allReady();
  }

  /** Throws with the names of those that are not ready in time. */
  async allReady(): Promise<void> {
    const ready = await Promise.all(this.members.map((one) => one.ready(READY_MS)));
    const late = this.members.filter((_, i) => !ready[i]).map(({ name }) => name);
    if (late.length > 0)
      throw new Error(`not ready within ${READY_MS / 1000} s: ${late.join(', ')}; logs in ${this.folder}/logs`);
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await Promise.all(this.members.map((one) => one.stop(signal)));
    await this.nats.stop('SIGKILL');
  }

  close(): void {
    if (this.smallDisk) spawnSync('umount', ['--lazy', this.smallDisk]);
  }
}

function member(folder: string, name: string, role: string, url: string, command: readonly string[]): Member {
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  return new Member({ name, role, url, command, data, logFile: join(folder, 'logs', `${name}.log`) });
}

function serverCommand(
  folder: string,
  name: string,
  role: string,
  nats: string,
  address: string,
  port: number,
): readonly string[] {
  return [
    ...[process.execPath, SKALD, `--role=${role}`, '--nats', nats, '--bucket', join(folder, 'bucket')],
    ...['--host', address, '--port', String(port), '--data', join(folder, name)],
    ...SETTINGS.flatMap((each) => ['--set', each]),
  ];
}

function mountSmall(folder: string): string | undefined {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_MB}m`, 'skald-chaos', folder]);
  return status === 0 ? folder : undefined;
}
