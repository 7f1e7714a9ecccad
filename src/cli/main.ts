import type { Command, CommandIo } from './command.js';
import { CommandError, UsageError } from './command-error.js';
import { cluster } from './commands/cluster.js';
import { explain } from './commands/explain.js';
import { helpCommand, unknownCommand } from './commands/help.js';
import { inspect } from './commands/inspect.js';
import { labels } from './commands/labels.js';
import { push } from './commands/push.js';
import { query } from './commands/query.js';
import { series } from './commands/series.js';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { serverArguments } from './server-arguments.js';
import { version } from './version.js';

const COMMANDS: readonly Command[] = [push, query, explain, labels, series, inspect, cluster];
const HELP = helpCommand(COMMANDS);

/** Exit code for a configuration that can't be right, as for a command line. */
const MISCONFIGURED = 2;

/** Runs one command line and resolves to the exit code. `serve` runs until the server has stopped. */
export async function main(
  args: readonly string[],
  io: CommandIo,
  serve: (config: Config) => Promise<void>,
): Promise<number> {
  try {
    const [first] = args;
    if (first === undefined || first.startsWith('-')) return await runServer(args, io, serve);
    return await runCommand(first, args.slice(1), io);
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) io.err(`skald: ${problem}\n`);
      return MISCONFIGURED;
    }
    if (!(error instanceof CommandError)) throw error;
    io.err(`skald: ${error.message}\n`);
    return error.exitCode;
  }
}

async function runCommand(name: string, args: readonly string[], io: CommandIo): Promise<number> {
  const command = [...COMMANDS, HELP].find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(unknownCommand(name, COMMANDS));
  if (args.includes('--help') || args.includes('-h')) return await HELP.run([name], io);
  return await command.run(args, io);
}

async function runServer(
  args: readonly string[],
  io: CommandIo,
  serve: (config: Config) => Promise<void>,
): Promise<number> {
  const { config, print } = serverArguments(args, io.environment);
  for (const warning of config.warnings) io.err(`skald: ${warning}\n`);
  switch (print) {
    case 'help':
      return await HELP.run([], io);
    case 'version':
      await io.out(`skald ${version()}\n`);
      return 0;
    case 'config':
      await io.out(config.print());
      return 0;
    case undefined:
      await serve(config);
      return 0;
  }
}
