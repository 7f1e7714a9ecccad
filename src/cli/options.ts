import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { CommandIo } from './command.js';
import { UsageError } from './command-error.js';
import { ServerClient } from './server-client.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Flags of every command that talks to a server. */
export const SERVER_OPTIONS = {
  addr: { type: 'string' },
  'org-id': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

export const SERVER_USAGE = `  --addr URL          server, default $SKALD_ADDR or http://127.0.0.1:3100
  --org-id TENANT     tenant, default $SKALD_ORG_ID; needed when the server has auth_enabled`;

/** node:util's parseArgs; a mistake becomes a CommandError that points to the help of the command. */
export function parseOptions<const T extends Options>(command: string, args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Its message goes on to explain how to pass arguments that begin with a dash.
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${message}\nsee: skald help${command === '' ? '' : ` ${command}`}`);
  }
}

export function serverClient(
  values: { readonly addr?: string; readonly 'org-id'?: string },
  io: CommandIo,
): ServerClient {
  const address = values.addr ?? io.environment.SKALD_ADDR ?? 'http://127.0.0.1:3100';
  const tenant = values['org-id'] ?? io.environment.SKALD_ORG_ID;
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`;
  if (!URL.canParse(text)) throw new UsageError(`--addr ${address}: must be a URL such as http://127.0.0.1:3100`);
  return new ServerClient(new URL(text), tenant);
}

/** A whole number that is not negative. */
export function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${flag} ${text}: must be a whole number`);
  return Number(text);
}

export function choice<const T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new UsageError(`--${flag} ${text}: must be one of ${allowed.join(', ')}`);
  return found;
}
