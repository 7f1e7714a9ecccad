/** This process as a member of a cluster: its connection to NATS, and what it tells and hears about who is there. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { Membership } from '../../actors/membership/actor.js';
import { DEFAULT_MEMBERSHIP_SETTINGS } from '../../actors/membership/settings.js';
import type { Clock, Random } from '../../actors/runtime/clock.js';
import type { NatsRouter } from '../../actors/runtime/router-nats.js';
import { everyMember } from '../../wire/address.js';
import type { InstanceState, MemberDetails } from '../../wire/membership.js';
import { CommandError } from '../command-error.js';
import type { Settings } from '../config.js';
import type { Peers } from './peers.js';

/** So long after saying farewell everybody who is there has heard it, nearly always. */
const SPREAD_MS = 600;
const RECONNECT_WAIT_MS = 500;

/** Keeps trying for as long as the process lives, once it was connected. Throws a CommandError. */
export async function connectNats({ nats, cluster }: Settings, name: string): Promise<NatsConnection> {
  try {
    return await connect({ ...connectionOptions(nats), name: `skald ${cluster.name} ${name}` });
  } catch (error) {
    throw new CommandError(
      `cannot connect to NATS at ${nats.servers}: ${(error as Error).message}; is nats-server running there?`,
    );
  }
}

function connectionOptions(nats: Settings['nats']): ConnectionOptions {
  const { user, password, token, tls } = nats;
  const tlsFiles = {
    ...(tls.ca_file && { caFile: tls.ca_file }),
    ...(tls.cert_file && { certFile: tls.cert_file }),
    ...(tls.key_file && { keyFile: tls.key_file }),
  };
  const authenticator = authenticatorOf(nats);
  return {
    servers: nats.servers.split(',').map((server) => server.trim()),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    ...(user && { user, pass: password }),
    ...(token && { token }),
    ...(Object.keys(tlsFiles).length > 0 && { tls: tlsFiles }),
    ...(authenticator && { authenticator }),
  };
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

/** What a process says of itself for as long as it lives. */
export type Self = Pick<MemberDetails, 'roles' | 'zone' | 'address'> & { readonly name: string };

export class ClusterMember {
  readonly router: NatsRouter;
  readonly #connection: NatsConnection;
  readonly #membership: Membership;
  readonly #details: Omit<MemberDetails, 'state'>;

  constructor(
    connection: NatsConnection,
    router: NatsRouter,
    parts: { readonly clock: Clock; readonly random: Random; readonly peers: Peers },
    { name, ...details }: Self,
  ) {
    this.router = router;
    this.#connection = connection;
    const { clock, random, peers } = parts;
    this.#details = { ...details, registeredMs: Number(clock.now() / 1_000_000n) };
    this.#membership = new Membership(
      name,
      { ...this.#details, state: 'JOINING' },
      { router, clock, random, onChange: () => peers.update(this.#membership.members()) },
      DEFAULT_MEMBERSHIP_SETTINGS,
    );
    peers.update(this.#membership.members());
    this.#membership.join([everyMember()]);
  }

  /** Milliseconds since a member was heard; undefined while only others have told of it. */
  silenceMs(name: string): number | undefined {
    return this.#membership.silenceMs(name);
  }

  become(state: InstanceState): void {
    this.#membership.update({ ...this.#details, state });
  }

  /** Others send nothing new to this process once this has resolved. */
  async retire(): Promise<void> {
    this.become('LEAVING');
    await sleep(SPREAD_MS);
  }

  async leave(): Promise<void> {
    this.#membership.leave();
    await sleep(SPREAD_MS);
    this.#membership.close();
    await this.#connection.close();
  }
}
