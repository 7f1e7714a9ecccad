import type { Command } from '../command.js';
import { UsageError } from '../command-error.js';
import { ROLES } from '../roles.js';

const SERVER_USAGE = `skald [FLAGS]

Without a command, starts the server.

  --config FILE       settings in YAML; config/single.yaml explains each
  --set NAME=VALUE    one setting, e.g. --set limits.reject_old_samples=false; repeats
  --port N            server.http_listen_port, default 3100; 0 = any free one
  --host ADDRESS      server.http_listen_address, default 127.0.0.1
  --data FOLDER       storage.directory, default ./data
  --role ROLES        ${ROLES.join(', ')}; default all
  --nats SERVERS      nats.servers; makes the process part of a cluster
  --bucket PLACE      storage.bucket: a folder or s3://BUCKET/PREFIX; default FOLDER/bucket
  --print-config      print the settings in force as YAML, and stop
  --version           print the version, and stop

Settings are also read from environment variables: SKALD_LIMITS_MAX_LINE_SIZE is limits.max_line_size.`;

/** `skald help [COMMAND]`. */
export function helpCommand(commands: readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'explain a command',
    usage: 'skald help [COMMAND]',
    run: async ([name], io) => {
      await io.out(`${name === undefined ? overview(commands) : usageOf(name, commands)}\n`);
      return 0;
    },
  };
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  skald ${name.padEnd(width)}  ${summary}`);
  return `${SERVER_USAGE}\n\nCommands:\n\n${list.join('\n')}\n\nsee: skald help COMMAND`;
}

function usageOf(name: string, commands: readonly Command[]): string {
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(unknownCommand(name, commands));
  return command.usage;
}

export function unknownCommand(name: string, commands: readonly Command[]): string {
  return `there is no command ${name}; there are ${commands.map((command) => command.name).join(', ')} and help`;
}
