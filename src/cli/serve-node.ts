import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { DataFolderInUse } from '../actors/ingester/data-folder-node.js';
import { startHttp } from '../api/server-node.js';
import { CommandError } from './command-error.js';
import type { Settings } from './config.js';
import { gatedClient, type Stage } from './gated-client.js';
import { createLogger } from './log-node.js';
import { Metrics } from './metrics-node.js';
import { startSystem } from './system-node.js';
import { version } from './version.js';
import { welcome } from './welcome.js';

/** Runs the server until SIGTERM or SIGINT; then refuses new work, flushes what is in memory, and resolves. */
export async function runServer(settings: Settings): Promise<void> {
  const log = createLogger(settings.log);
  const metrics = new Metrics();
  const threads = settings.query_engine.worker_threads || availableParallelism();
  let stage: Stage = { kind: 'starting' };
  const stopped = stopSignal();
  const http = await startHttp({
    client: gatedClient(
      () => stage,
      () => metrics.text(),
    ),
    limits: () => settings.limits,
    authEnabled: settings.auth_enabled,
    multiTenantQueries: settings.querier.multi_tenant_queries_enabled,
    host: settings.server.http_listen_address,
    port: settings.server.http_listen_port,
    bodyBytesMax: settings.distributor.max_recv_msg_size,
    decompressedBytesMax: settings.distributor.max_decompressed_size,
    version: version(),
    patternsEnabled: settings.pattern_ingester.enabled,
    now: () => BigInt(Date.now()) * 1_000_000n,
    logger: log,
    observe: (route, method, status, seconds) => metrics.request(route, method, status, seconds),
  }).catch((error: NodeJS.ErrnoException) => {
    const { http_listen_address: address, http_listen_port: port } = settings.server;
    if (error.code === 'EADDRINUSE') throw new CommandError(`port ${port} is in use; choose another with --port`);
    throw new CommandError(`cannot listen on port ${port} of ${address}: ${error.message}`);
  });
  try {
    const system = await startSystem(settings, threads, log, metrics);
    stage = { kind: 'running', client: system.client };
    const url = `http://${settings.server.http_listen_address}:${http.port}`;
    log.info({ url, threads, version: version() }, 'ready');
    process.stdout.write(welcome(url, resolve(settings.storage.directory)));
    log.info({ signal: await stopped }, 'stopping: flushing memory to objects');
    stage = { kind: 'stopping' };
    const graceMs = settings.server.graceful_shutdown_timeout;
    await http.close(graceMs);
    const drained = await system.close(graceMs);
    log.info(
      drained
        ? 'stopped; everything is in objects'
        : 'stopped; what is not in objects is in the log and will be read at the next start',
    );
  } catch (error) {
    await http.close(0);
    if (error instanceof DataFolderInUse) throw new CommandError(error.message);
    // A folder that may not be written, a full disk; anything else is a mistake of ours and shows its stack.
    if (error instanceof Error && 'errno' in error) {
      throw new CommandError(`cannot work in the data folder ${settings.storage.directory}: ${error.message}`);
    }
    throw error;
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolveSignal) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolveSignal(signal));
  });
}
