/** Servers of NATS with JetStream that keep copies for each other. */
import { join } from 'node:path';
import { freePort, NatsServer } from './nats.js';

export class NatsCluster {
  readonly #servers: ReadonlyMap<string, NatsServer>;

  private constructor(servers: ReadonlyMap<string, NatsServer>) {
    this.#servers = servers;
  }

  /** Their addresses are known, and none of them runs yet. */
  static async later(names: readonly string[], folder: string): Promise<NatsCluster> {
    const routes = await Promise.all(
      names.map(async (name) => ({ name, route: `nats://127.0.0.1:${await freePort()}` })),
    );
    const all = routes.map(({ route }) => route).join(',');
    const servers = await Promise.all(
      routes.map(async ({ name, route }) => {
        const own = ['-js', '-sd', join(folder, name), '--server_name', name];
        const flags = [...own, '--cluster_name', 'skald', '--cluster', route, '--routes', all];
        return [name, await NatsServer.later(flags)] as const;
      }),
    );
    return new NatsCluster(new Map(servers));
  }

  /** With commas between them. */
  get urls(): string {
    return [...this.#servers.values()].map(({ url }) => url).join(',');
  }

  server(name: string): NatsServer {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no nats-server ${name}`);
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }
}
