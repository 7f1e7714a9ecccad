/** Clusters as their users run them: NATS and processes with roles, over one bucket. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LokiClient } from './client.js';
import { type Server, startServer, temporaryFolder } from './server.js';

export interface ClusterOptions {
  /** Addresses of NATS. */
  readonly nats: string;
  /** A folder, or an address in S3; a folder of its own by default. */
  readonly bucket?: string;
  /** Roles by the name of each process, e.g. `{ i1: 'ingester' }`. */
  readonly processes: Readonly<Record<string, string>>;
  /** `NAME=VALUE` for all. */
  readonly settings?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const READY_TIMEOUT_MS = 60_000;
/** For tests with a cluster in them: many processes may share few processors. */
export const CLUSTER_TIMEOUT_MS = 300_000;

export class TestCluster {
  readonly folder = temporaryFolder('skald-cluster-');
  readonly #options: ClusterOptions;
  readonly #servers = new Map<string, Server>();

  private constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Resolves when all processes say that they are ready. */
  static async start(options: ClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    await Promise.all(Object.keys(options.processes).map((name) => cluster.#start(name)));
    await cluster.ready();
    return cluster;
  }

  get bucket(): string {
    return this.#options.bucket ?? join(this.folder, 'bucket');
  }

  get servers(): readonly Server[] {
    return [...this.#servers.values()];
  }

  server(name: string): Server {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no process ${name}`);
    return server;
  }

  /** Resolves when those that run are ready and know of each other. */
  async ready(): Promise<void> {
    const running = [...this.#servers].filter(([, { process }]) => process?.exitCode === null && !process.signalCode);
    const servers = running.map(([, server]) => server);
    await Promise.all(running.map(([name, server]) => ready(name, server, servers)));
  }

  async #start(name: string): Promise<void> {
    const { nats, processes, settings = [], environment } = this.#options;
    const server = await startServer({
      data: join(this.folder, name),
      keepsPort: true,
      flags: [`--role=${processes[name]}`, '--nats', nats, '--bucket', this.bucket],
      settings: ['query_engine.worker_threads=1', 'limits.max_entries_limit_per_query=0', ...settings],
      ...(environment ? { environment } : {}),
    });
    this.#servers.set(name, server);
  }
}

/** Throws with what it is waiting for when it does not become ready, or does not hear of all the others. */
async function ready(name: string, server: Server, others: readonly Server[]): Promise<void> {
  let answer = 'nothing';
  for (const until = performance.now() + READY_TIMEOUT_MS; performance.now() < until; await delay(50)) {
    answer = await missing(server, others).catch(String);
    if (answer === '') return;
  }
  throw new Error(`${name} is not ready: ${answer}\n${server.logTail()}`);
}

async function missing(server: Server, others: readonly Server[]): Promise<string> {
  const { status, body } = await server.client.get('/ready');
  if (status !== 200) return `${status} ${body}`;
  const active = (await membersOf(server.client)).filter((one) => one.status === 'alive' && one.state === 'ACTIVE');
  const known = new Set(active.map(({ address }) => `http://${address}`));
  return others.every(({ url }) => known.has(url)) ? '' : `it knows of ${[...known]}`;
}

export interface MemberJson {
  readonly name: string;
  readonly status: string;
  readonly state: string;
  readonly roles: readonly string[];
  readonly address: string;
}

/** What `/memberlist` says. */
export async function membersOf(client: LokiClient): Promise<readonly MemberJson[]> {
  const { body } = await client.get('/memberlist', {}, { headers: { accept: 'application/json' } });
  return (JSON.parse(body) as { members: MemberJson[] }).members;
}
