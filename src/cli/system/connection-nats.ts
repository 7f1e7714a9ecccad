/** The connection to NATS, with whatever it asks for. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { CommandError } from '../command-error.js';
import type { Settings } from '../config.js';

const RECONNECT_WAIT_MS = 500;

/** Keeps trying for as long as the process lives, once it was connected. Throws a CommandError. */
export async function connectNats({ nats, cluster }: Settings, name: string): Promise<NatsConnection> {
  try {
    return await connect({ ...connectionOptions(nats), name: `skald ${cluster.name} ${name}` });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint =
      error instanceof AuthorizationError
        ? 'it does not let Skald in with what the settings under nats: say of a user'
        : 'is nats-server running there?';
    throw new CommandError(`cannot connect to NATS at ${nats.servers}: ${why}; ${hint}`);
  }
}

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
