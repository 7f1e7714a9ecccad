/** A NATS server of the test's own, from Debian's package or wherever PATH has it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

export const HAS_NATS = spawnSync('nats-server', ['--version']).status === 0;
if (!HAS_NATS)
  console.warn('SKIPPED: nats-server is not on PATH, so nothing over NATS is tested (apt-get install nats-server)');

export class NatsServer {
  readonly port: number;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, flags: readonly string[]) {
    this.port = port;
    this.#flags = flags;
  }

  /** `flags` as for nats-server, e.g. `-c FILE`. */
  static async start(flags: readonly string[] = []): Promise<NatsServer> {
    const server = await NatsServer.later(flags);
    await server.restart();
    return server;
  }

  /** Its address is known; it runs from the first `restart` on. */
  static async later(flags: readonly string[] = []): Promise<NatsServer> {
    return new NatsServer(await freePort(), flags);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Resolves when it takes connections. */
  async restart(): Promise<void> {
    const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(this.port), ...this.#flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('nats-server ended at once')));
      child.stderr.on('data', (text: Buffer) => text.includes('Server is ready') && resolve());
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
