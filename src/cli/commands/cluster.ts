import type { Command, CommandIo } from '../command.js';
import { UsageError } from '../command-error.js';
import { parseOptions, wholeNumber } from '../options.js';

const USAGE = `skald cluster

Runs a cluster on this machine, to try it out: NATS, two distributors, two queriers with schedulers, three workers and
three ingesters, on the loopback address. Ends in order with Ctrl-C.

  --data FOLDER       data and logs of all processes, default ./data/cluster
  --port N            of the first process, the others follow; default 3100
  --nats-port N       default 4222
  --nats URL[,URL]    a NATS that runs already, instead of one of its own
  --set NAME=VALUE    one setting for all processes; repeats`;

export const cluster: Command = {
  name: 'cluster',
  summary: 'run a cluster on this machine, to try it out',
  usage: USAGE,
  run: runCluster,
};

async function runCluster(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('cluster', args, {
    help: { type: 'boolean', short: 'h' },
    data: { type: 'string', default: './data/cluster' },
    port: { type: 'string', default: '3100' },
    'nats-port': { type: 'string', default: '4222' },
    nats: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  });
  if (positionals.length > 0) throw new UsageError(`${positionals[0]}: what is this?\n\n${USAGE}`);
  const { runLocalCluster } = await import('../cluster/run-node.js');
  await runLocalCluster(
    {
      ...{ data: values.data, nats: values.nats, assignments: values.set },
      port: wholeNumber('port', values.port),
      natsPort: wholeNumber('nats-port', values['nats-port']),
    },
    io,
  );
  return 0;
}
