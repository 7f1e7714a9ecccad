/** A process that is started again whenever it ends by itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Everything it prints is appended there. */
  readonly logFile: string;
  /** Told when it ended by itself, in words, and when it runs again. */
  readonly onEvent: (text: string) => void;
}

const PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 30_000;
/** Who ran for this long is started again at once. */
const WELL_MS = 30_000;

export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #isWanted = false;
  #startedMs = 0;
  #pauseMs = PAUSE_MS;
  restarts = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    this.#isWanted = true;
    this.#spawn();
  }

  /** The end of what it printed. */
  logTail(lines: number): string {
    return readFileSync(this.#options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Ends it for good; resolves when it has ended. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Kills it without waiting. */
  kill(): void {
    this.#isWanted = false;
    this.#process?.kill('SIGKILL');
  }

  #spawn(): void {
    const { command, logFile } = this.#options;
    const [file, ...args] = command;
    const log = openSync(logFile, 'a');
    this.#startedMs = performance.now();
    // In a process group of its own: Ctrl-C is for whoever stops them in order.
    const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#process = child;
    child.once('error', (error) => this.#options.onEvent(`${this.name} could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (this.#isWanted) void this.#again(signal ?? `exit code ${code}: ${this.logTail(1)}`);
    });
  }

  async #again(how: string): Promise<void> {
    if (performance.now() - this.#startedMs > WELL_MS) this.#pauseMs = PAUSE_MS;
    this.#options.onEvent(`${this.name} ended (${how}); it is started again in ${this.#pauseMs / 1000} s`);
    await sleep(this.#pauseMs);
    this.#pauseMs = Math.min(PAUSE_MAX_MS, this.#pauseMs * 2);
    if (!this.#isWanted) return;
    this.restarts++;
    this.#spawn();
  }
}
