/** The connection to NATS, with whatever it asks for. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkServerIdentity, type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { CommandError } from '../command-error.js';
import type { Settings } from '../config.js';
import type { Logger } from '../log-node.js';

const RECONNECT_WAIT_MS = 500;
const DIAL_TIMEOUT_MS = 20_000;
/** For an attempt that begins when the time is nearly up. */
const DIAL_GRACE_MS = 1000;

export interface Waiting {
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Ends the waiting. */
  readonly stopping: AbortSignal;
  /** Told what is waited for. */
  readonly isAt: (what: string) => void;
}

/**
 * Waits for a NATS that is not there yet, up to `nats.start_timeout`. Keeps trying for as long as the process lives, once
 * it was connected. Throws a CommandError.
 */
export async function connectNats(settings: Settings, name: string, waiting: Waiting): Promise<NatsConnection> {
  const { nats, cluster } = settings;
  const options = { ...connectionOptions(nats), name: `skald ${cluster.name} ${name}` };
  const end = performance.now() + nats.start_timeout;
  for (let isFirst = true; ; isFirst = false) {
    const leftMs = (): number => Math.max(0, end - performance.now());
    try {
      const connection = await connect({ ...options, timeout: Math.min(DIAL_TIMEOUT_MS, leftMs() + DIAL_GRACE_MS) });
      if (!isFirst) waiting.log.info({ servers: nats.servers }, 'NATS is there');
      return connection;
    } catch (error) {
      if (!isAway(error) || leftMs() === 0) throw unreachable(nats.servers, error);
      if (isFirst) sayWaiting(waiting, nats.servers, messageOf(error), leftMs());
      await sleep(Math.min(RECONNECT_WAIT_MS, leftMs()), undefined, { signal: waiting.stopping }).catch(
        () => undefined,
      );
      if (waiting.stopping.aborted) throw new CommandError(`stopped while it waited for NATS at ${nats.servers}`);
    }
  }
}

function sayWaiting({ log, isAt }: Waiting, servers: string, error: string, leftMs: number): void {
  const until = new Date(Date.now() + leftMs).toISOString();
  log.warn({ servers, until, error }, 'NATS is not there: waiting for it (nats.start_timeout)');
  isAt(`it waits for NATS at ${servers} until ${until}`);
}

function unreachable(servers: string, error: unknown): CommandError {
  const hint =
    error instanceof AuthorizationError
      ? 'it does not let Skald in with what the settings under nats: say of a user'
      : 'is nats-server running there?';
  return new CommandError(`cannot connect to NATS at ${servers}: ${messageOf(error)}; ${hint}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether waiting may help: nothing does against a wrong password, a certificate that is not trusted, or another server. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error) ?? codeOf(error.cause);
  if (code !== undefined) return AWAY.has(code);
  return error instanceof errors.ConnectionError || error instanceof errors.TimeoutError;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const AWAY: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH'],
  // Names of services that are not started yet.
  ...['ENOTFOUND', 'EAI_AGAIN'],
]);

function connectionOptions(nats: Settings['nats']): ConnectionOptions {
  const { user, password, token, tls } = nats;
  const servers = nats.servers.split(',').map((server) => server.trim());
  const tlsFiles = {
    ...(tls.ca_file && { caFile: tls.ca_file }),
    ...(tls.cert_file && { certFile: tls.cert_file }),
    ...(tls.key_file && { keyFile: tls.key_file }),
  };
  const authenticator = authenticatorOf(nats);
  return {
    servers,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    ...(user && { user, pass: password }),
    ...(token && { token }),
    ...(Object.keys(tlsFiles).length > 0 && { tls: { ...tlsFiles, ...identityBy(servers) } }),
    ...(authenticator && { authenticator }),
  };
}

/**
 * Of a server that is given by its IP address Node does not know what its certificate should say, and takes it for
 * `localhost`. Any of the addresses given will do.
 */
function identityBy(servers: readonly string[]): Pick<TlsConnectOptions, 'checkServerIdentity'> {
  const hosts = servers.map(hostOf).filter((host) => isIP(host) !== 0);
  if (hosts.length === 0) return {};
  return {
    checkServerIdentity: (host, certificate) => {
      const problems = [host, ...hosts].map((name) => checkServerIdentity(name, certificate));
      return problems.includes(undefined) ? undefined : problems.at(-1);
    },
  };
}

function hostOf(server: string): string {
  const url = server.includes('://') ? server : `nats://${server}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

function authenticatorOf({ credentials_file, nkey_seed_file }: Settings['nats']): Authenticator | undefined {
  if (credentials_file) return credsAuthenticator(secretFile(credentials_file));
  if (nkey_seed_file) return nkeyAuthenticator(Buffer.from(secretFile(nkey_seed_file).toString().trim()));
  return undefined;
}

/** Its contents are in no message. */
function secretFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new CommandError(`${path}, which NATS credentials are to come from, may not be read`);
  }
}
