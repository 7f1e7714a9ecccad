/** Skald as its users run it: the built command, in a process and a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { LokiClient } from './client.js';

/** The built command; TESTED_SKALD names that of another build. */
export const SKALD = process.env.TESTED_SKALD ?? fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url));

export interface ServerOptions {
  /** `NAME=VALUE`, as for `--set`. */
  readonly settings?: readonly string[];
  /** A new folder by default. */
  readonly data?: string;
  readonly nodeFlags?: readonly string[];
  /** `--role=all` by default. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Listens where it did before when it starts again. */
  readonly keepsPort?: boolean;
  /** Any free one by default. */
  readonly port?: number;
}

/** Tests bring data of any age, as fast as they can, and many servers. */
const DEFAULT_SETTINGS = [
  'query_engine.rehearsal=false',
  'limits.reject_old_samples=false',
  'limits.creation_grace_period=100y',
  'limits.ingestion_rate_mb=10000',
  'limits.ingestion_burst_size_mb=10000',
  'limits.per_stream_rate_limit=10GB',
  'limits.per_stream_rate_limit_burst=10GB',
];

const START_TIMEOUT_MS = 60_000;
const LOG_TAIL_LINES = 40;

const servers = new Set<Server>();
const folders = new Set<string>();
/** Servers that a test started for itself. */
const ofThisTest = new Set<Server>();
let isInTest = false;

beforeEach(() => {
  isInTest = true;
});

afterEach(async ({ task }) => {
  isInTest = false;
  const latest = [...servers].at(-1);
  if (task.result?.state === 'fail' && latest) console.error(`--- end of its log\n${latest.logTail()}`);
  await Promise.all([...ofThisTest].map((server) => server.kill('SIGKILL')));
  for (const server of ofThisTest) servers.delete(server);
  ofThisTest.clear();
});

afterAll(async () => {
  await Promise.all([...servers].map((server) => server.kill('SIGKILL')));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

// A test run that is cut off must not leave servers behind.
process.on('exit', () => {
  for (const server of servers) server.process?.kill('SIGKILL');
});

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(name = 'skald-e2e-'): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  folders.add(folder);
  return folder;
}

/** Starts a server; it is ready for requests when this resolves, and stopped after the test, or the tests of the file. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = new Server(options);
  servers.add(server);
  if (isInTest) ofThisTest.add(server);
  await server.start();
  return server;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LogRecord {
  readonly level: number;
  readonly msg: string;
  readonly [detail: string]: unknown;
}

export class Server {
  readonly data: string;
  /** Asks the server wherever it listens at present. */
  readonly client: LokiClient;
  readonly #options: ServerOptions;
  readonly #lines: string[] = [];
  #process: ChildProcess | undefined;
  #exit: Promise<Exit> = Promise.resolve({ code: 0, signal: null });
  #url = '';

  constructor(options: ServerOptions) {
    this.#options = options;
    this.data = options.data ?? temporaryFolder();
    this.client = new LokiClient(() => this.#url);
  }

  get process(): ChildProcess | undefined {
    return this.#process;
  }

  /** Ends when the process does. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** Starts the process and waits until it says that it is ready; throws with its log when it ends instead. */
  async start(): Promise<void> {
    const settings = [...DEFAULT_SETTINGS, ...(this.#options.settings ?? [])].flatMap((each) => ['--set', each]);
    const args = [
      ...(this.#options.nodeFlags ?? []),
      SKALD,
      ...(this.#options.flags ?? ['--role=all']),
      '--port',
      this.#options.keepsPort && this.#url !== '' ? String(this.port) : String(this.#options.port ?? 0),
      '--data',
      this.data,
      ...settings,
    ];
    const env = { ...process.env, ...this.#options.environment };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    this.#process = child;
    this.#exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    this.#url = await this.#ready(child);
  }

  #ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const failed = (why: string): void => reject(new Error(`${why}\n${this.logTail()}`));
      const timer = setTimeout(() => failed(`not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      let rest = '';
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        this.#lines.push(...lines);
        for (const line of lines) {
          const record = recordOf(line);
          if (record?.msg === 'ready') resolve(String(record.url));
        }
      });
      child.once('exit', (code, signal) => failed(`ended with ${code ?? signal} before it was ready`));
      child.stderr!.once('close', () => clearTimeout(timer));
    });
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.#process?.kill(signal);
    return await this.#exit;
  }

  /** Stops it with a signal and starts it again over the same folder. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  /** Paths of all objects, in the order of what they hold in time. */
  objects(): readonly string[] {
    return this.#files('bucket', '.dataobj');
  }

  /** Paths of the segments of the write-ahead log, oldest first. */
  segments(): readonly string[] {
    return this.#files('wal', '.wal');
  }

  walBytes(): number {
    return this.segments().reduce((sum, path) => sum + statSync(path).size, 0);
  }

  #files(folder: string, extension: string): readonly string[] {
    const root = join(this.data, folder);
    if (!existsSync(root)) return [];
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => join(root, name));
  }

  /** All that was logged, over restarts. */
  logRecords(): readonly LogRecord[] {
    return this.#lines.map(recordOf).filter((record) => record !== undefined);
  }

  logTail(): string {
    return this.#lines.slice(-LOG_TAIL_LINES).join('\n');
  }
}

function recordOf(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  return JSON.parse(line) as LogRecord;
}
