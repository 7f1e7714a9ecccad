import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { CommandError } from '../command-error.js';
import { HOST } from './plan.js';

/** Debian's package puts it where not every PATH leads. */
const PLACES = ['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server'];

/** The command that runs NATS. Throws a CommandError that says how to get it. */
export function findNatsServer(places: readonly string[] = PLACES): string {
  const found = places.find((place) => spawnSync(place, ['--version']).status === 0);
  if (found !== undefined) return found;
  throw new CommandError(
    'nats-server is not there, and the processes of a cluster find each other through it.\n' +
      '  Debian, Ubuntu   apt install nats-server\n' +
      '  macOS            brew install nats-server\n' +
      '  others           https://github.com/nats-io/nats-server/releases\n' +
      'To use a NATS that runs already: skald cluster --nats nats://HOST:4222',
  );
}

/** Whether somebody listens there. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
