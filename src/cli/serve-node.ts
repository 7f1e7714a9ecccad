import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { DataFolderInUse, DataFolderOfAnother } from '../actors/ingester/data-folder-node.js';
import type { Api } from '../api/exchange.js';
import { type HttpServer, startHttp } from '../api/server-node.js';
import { collectSeldom } from '../storage/collect-garbage-node.js';
import { FaultError } from '../wire/fault.js';
import { CommandError } from './command-error.js';
import type { Config, Settings } from './config.js';
import { gatedClient, type Stage } from './gated-client.js';
import { LimitsBook } from './limits-book.js';
import { createLogger } from './log-node.js';
import { Metrics } from './metrics-node.js';
import { processControl } from './process-control.js';
import { Activity } from './rehearsal/activity.js';
import { rehearse } from './rehearsal/rehearsal-node.js';
import { watchRuntimeConfig } from './runtime-config-node.js';
import { openSystem, type System } from './system/system-node.js';
import { version } from './version.js';
import { welcome } from './welcome.js';

/**
 * Runs the server until SIGTERM, SIGINT or a request to shut down; then refuses new work, flushes what is in memory, and
 * resolves.
 */
export async function runServer(config: Config): Promise<void> {
  collectSeldom();
  const { settings } = config;
  const log = createLogger(settings.log);
  const metrics = new Metrics();
  const threads = settings.query_engine.worker_threads || availableParallelism();
  let stage: Stage = { kind: 'starting', at: 'its files are being opened' };
  let system: System | undefined;
  const stop = stopRequest();
  const book = new LimitsBook(settings.limits);
  const unwatch = await watchRuntimeConfig(settings.runtime_config, book, log);
  const activity = new Activity();
  const api: Omit<Api, 'client'> = {
    limits: book.of,
    process: processControl({
      ...{
        config,
        book,
        log,
        stage: () => stage,
        system: () => system,
        now: () => Date.now(),
      },
      retire: () => {
        if (stage.kind === 'running') stage = { kind: 'retired', client: stage.client };
        void system?.retire();
      },
      terminate: (flush) => stop.request({ why: 'a request to shut down', flush }),
    }),
    authEnabled: settings.auth_enabled,
    multiTenantQueries: settings.querier.multi_tenant_queries_enabled,
    bodyBytesMax: settings.distributor.max_recv_msg_size,
    decompressedBytesMax: settings.distributor.max_decompressed_size,
    version: version(),
    patternsEnabled: settings.pattern_ingester.enabled,
    now: () => BigInt(Date.now()) * 1_000_000n,
  };
  const http: HttpServer = await startHttp({
    ...api,
    client: gatedClient(
      () => stage,
      () => metrics.text(),
    ),
    host: settings.server.http_listen_address,
    port: settings.server.http_listen_port,
    logger: log,
    arrived: () => activity.begun(),
    observe: (route, method, status, seconds) => {
      activity.ended(performance.now());
      metrics.request(route, method, status, seconds);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    const { http_listen_address: address, http_listen_port: port } = settings.server;
    if (error.code === 'EADDRINUSE') throw new CommandError(`port ${port} is in use; choose another with --port`);
    throw new CommandError(`cannot listen on port ${port} of ${address}: ${error.message}`);
  });
  try {
    const httpAddress = advertisedAddress(settings, http.port);
    const { stopping } = stop;
    const isAt = (at: string): void => {
      stage = { kind: 'starting', at };
    };
    system = await openSystem({ settings, httpAddress, threads, log, limits: book.of, stopping, isAt }, metrics);
    isAt('the write-ahead log is being read');
    await system.start();
    stage = { kind: 'running', client: system.client };
    const url = `http://${addressOf(settings, http.port)}`;
    log.info({ url, threads, version: version() }, 'ready');
    process.stdout.write(welcome(url, resolve(settings.storage.directory)));
    const rehearsed = settings.query_engine.rehearsal
      ? observed(metrics, rehearse({ api, system, activity, log, stopping }))
      : undefined;
    const { why, flush } = await stop.requested;
    unwatch();
    log.info({ why }, flush ? 'stopping: flushing memory to objects' : 'stopping');
    await Promise.all([system.retire(), rehearsed]);
    stage = { kind: 'stopping' };
    const graceMs = settings.server.graceful_shutdown_timeout;
    await http.close(graceMs);
    const drained = await system.close(flush ? graceMs : 0);
    log.info(
      drained
        ? 'stopped; everything is in objects'
        : 'stopped; what is not in objects is in the log and will be read at the next start',
    );
  } catch (error) {
    await http.close(0);
    if (error instanceof DataFolderInUse || error instanceof DataFolderOfAnother) throw new CommandError(error.message);
    // What is wrong with the bucket.
    if (error instanceof FaultError) throw new CommandError(error.message);
    // A folder that may not be written, a full disk; anything else is a mistake of ours and shows its stack.
    if (error instanceof Error && 'errno' in error) {
      throw new CommandError(`cannot work in the data folder ${settings.storage.directory}: ${error.message}`);
    }
    throw error;
  }
}

function observed(metrics: Metrics, rehearsal: Promise<void>): Promise<void> {
  let running = 1;
  metrics.gauge('skald_rehearsal_running', '1 until the engine has been warmed up.', [], () => [{ value: running }]);
  return rehearsal.then(() => {
    running = 0;
  });
}

interface Stop {
  readonly why: string;
  readonly flush: boolean;
}

interface StopRequest {
  readonly requested: Promise<Stop>;
  readonly request: (stop: Stop) => void;
  /** Aborts at the same time. */
  readonly stopping: AbortSignal;
}

/** The first signal or request counts. */
function stopRequest(): StopRequest {
  const stopping = new AbortController();
  let resolveStop: (stop: Stop) => void = () => undefined;
  const requested = new Promise<Stop>((resolve) => {
    resolveStop = resolve;
  });
  const request = (stop: Stop): void => {
    stopping.abort();
    resolveStop(stop);
  };
  for (const why of ['SIGTERM', 'SIGINT'] as const) process.once(why, () => request({ why, flush: true }));
  return { requested, request, stopping: stopping.signal };
}

/** Where others reach this process: an address that stands for all of them is of no use to them. */
function advertisedAddress(settings: Settings, port: number): string {
  const { cluster, server } = settings;
  if (cluster.advertise_address !== '') return cluster.advertise_address;
  return ANY_ADDRESS.has(server.http_listen_address) ? `${hostname()}:${port}` : addressOf(settings, port);
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

function addressOf({ server }: Settings, port: number): string {
  return `${server.http_listen_address}:${port}`;
}
