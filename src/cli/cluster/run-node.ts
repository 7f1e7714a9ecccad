/** A whole cluster on this machine: NATS and ten processes, watched until somebody ends it. */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { Child } from './child-node.js';
import { findNatsServer, isTaken } from './nats-server-node.js';
import { HOST, type PlannedProcess, plannedGroups } from './plan.js';
import { isReady, sampleCluster } from './sample-node.js';
import { Screen } from './screen.js';
import { statusLine } from './status.js';

const SKALD = fileURLToPath(new URL('../index.js', import.meta.url));
const STATUS_MS = 1_000;
const CHECK_MS = 100;
const READY_MS = 60_000;
const NATS_MS = 5_000;
const LOG_LINES = 5;

export interface LocalClusterOptions {
  readonly data: string;
  readonly port: number;
  readonly natsPort: number;
  /** Addresses of a NATS that runs already; undefined = one of its own. */
  readonly nats: string | undefined;
  readonly assignments: readonly string[];
}

/** Runs until Ctrl-C or SIGTERM; then everything is stopped in order. Throws a CommandError when it cannot start. */
export async function runLocalCluster(options: LocalClusterOptions, io: CommandIo): Promise<void> {
  const screen = new Screen((text) => void io.out(text), io.outIsTerminal);
  const data = resolve(options.data);
  mkdirSync(join(data, 'logs'), { recursive: true });
  const nats = options.nats === undefined ? natsOf(options.natsPort, data, screen) : undefined;
  const groups = plannedGroups({
    ...{ data, port: options.port, nats: options.nats ?? `nats://${HOST}:${options.natsPort}` },
    threads: Math.max(1, Math.floor(availableParallelism() / 3)),
    assignments: options.assignments,
  });
  const planned = groups.flat();
  await refuseTakenPorts([...planned.map(({ port }) => port), ...(nats ? [options.natsPort] : [])]);
  const children = new Map(planned.map((one) => [one.name, skald(one, data, screen)]));
  const all = [...children.values(), ...(nats ? [nats] : [])];
  // Whatever happens to this process, the others do not outlive it.
  process.once('exit', () => {
    for (const child of all) child.kill();
  });
  const stop = stopRequest(() => {
    for (const child of all) child.kill();
  });
  nats?.start();
  if (nats) await until(() => isTaken(options.natsPort), NATS_MS);
  for (const child of children.values()) child.start();
  screen.line(`starting ${all.length} processes; data and logs in ${data}`);
  await Promise.race([allReady(planned, children, screen), stop.requested]);
  if (!stop.signal.aborted) screen.line(welcome(planned));
  await watch(planned, all, screen, stop.signal);
  screen.end();
  screen.line('stopping: what is in memory is written to objects (Ctrl-C again: end at once)');
  for (const group of groups) await Promise.all(group.map(({ name }) => children.get(name)!.stop('SIGTERM')));
  await nats?.stop('SIGTERM');
  screen.line('stopped');
}

function natsOf(port: number, data: string, screen: Screen): Child {
  return new Child({
    name: 'nats-server',
    command: [findNatsServer(), '-a', HOST, '-p', String(port)],
    logFile: join(data, 'logs', 'nats-server.log'),
    onEvent: (text) => screen.line(text),
  });
}

function skald({ name, args }: PlannedProcess, data: string, screen: Screen): Child {
  mkdirSync(join(data, name), { recursive: true });
  return new Child({
    name,
    command: [process.execPath, ...process.execArgv, SKALD, ...args],
    logFile: join(data, 'logs', `${name}.log`),
    onEvent: (text) => screen.line(text),
  });
}

async function refuseTakenPorts(ports: readonly number[]): Promise<void> {
  const taken = await Promise.all(ports.map(isTaken));
  const used = ports.filter((_, i) => taken[i]);
  if (used.length === 0) return;
  throw new CommandError(
    `already in use: port ${used.join(', ')} of ${HOST}; choose others with --port and --nats-port`,
  );
}

/** True as soon as the check says so; false when time ran out. */
async function until(check: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; await sleep(CHECK_MS)) {
    if (await check()) return true;
  }
  return false;
}

async function allReady(
  planned: readonly PlannedProcess[],
  children: ReadonlyMap<string, Child>,
  screen: Screen,
): Promise<void> {
  let waiting = planned;
  const noneWaits = async (): Promise<boolean> => {
    const ready = await Promise.all(waiting.map(isReady));
    waiting = waiting.filter((_, i) => !ready[i]);
    return waiting.length === 0;
  };
  await until(noneWaits, READY_MS);
  for (const { name } of waiting)
    screen.line(`${name} is not ready; its log ends:\n${children.get(name)!.logTail(LOG_LINES)}`);
}

async function watch(
  planned: readonly PlannedProcess[],
  all: readonly Child[],
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  let before = await sampleCluster(planned);
  while (!signal.aborted) {
    await sleep(STATUS_MS, undefined, { signal }).catch(() => undefined);
    const now = await sampleCluster(planned);
    const restarts = all.reduce((sum, child) => sum + child.restarts, 0);
    if (!signal.aborted) screen.status(statusLine(before, now, restarts), now.atMs);
    before = now;
  }
}

/** The first signal asks for an orderly end, the second one for an end. */
function stopRequest(end: () => void): { readonly requested: Promise<void>; readonly signal: AbortSignal } {
  const abort = new AbortController();
  const requested = new Promise<void>((done) => {
    abort.signal.addEventListener('abort', () => done(), { once: true });
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (abort.signal.aborted) end();
      abort.abort();
    });
  }
  return { requested, signal: abort.signal };
}

function welcome(planned: readonly PlannedProcess[]): string {
  const urls = planned.map(({ name, port }) => `  ${name.padEnd(14)} http://${HOST}:${port}`);
  const first = `http://${HOST}:${planned[0]!.port}`;
  return `
The cluster is ready; each process takes pushes and queries:

${urls.join('\n')}

  push some logs    node dist/cli push /var/log/dpkg.log --label app=dpkg --addr ${first}
  ask               node dist/cli query '{app="dpkg"}' --since 30d --addr ${first}
  who is there      ${first}/memberlist and ${first}/ring

Stop with Ctrl-C.
`;
}
