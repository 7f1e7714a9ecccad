/** One process of the cluster under test: a server of ours or the NATS server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MemberOptions {
  readonly name: string;
  readonly role: string;
  readonly command: readonly string[];
  /** Base of its HTTP API; '' when it has none. */
  readonly url: string;
  readonly logFile: string;
  readonly data: string;
}

const RESTART_MS = 1_000;

export class Member {
  readonly options: MemberOptions;
  #child: ChildProcess | undefined;
  /** Ends nobody asked for. */
  unexpected = 0;

  constructor(options: MemberOptions) {
    this.options = options;
  }

  get name(): string {
    return this.options.name;
  }

  get isUp(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    const [command, ...args] = this.options.command;
    const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(this.options.logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    let last = '';
    child.stderr.on('data', (text: Buffer) => {
      last = String(text);
    });
    child.once('exit', (code, signal) => {
      log.end(`--- ended: ${code ?? signal}\n`);
      if (this.#child !== child) return;
      this.#child = undefined;
      // Who finds no NATS when it starts says so and ends, to be started again by whatever looks after it.
      if (last.includes('cannot connect to NATS')) setTimeout(() => this.#child ?? this.start(), RESTART_MS);
      else this.unexpected++;
    });
    this.#child = child;
  }

  /** Signals and waits for the end. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Whether its HTTP API says that it is ready, asked again until then. */
  async ready(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (performance.now() < end) {
      const answer = await fetch(`${this.options.url}/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      if (answer?.ok) return true;
      await sleep(200);
    }
    return false;
  }
}
