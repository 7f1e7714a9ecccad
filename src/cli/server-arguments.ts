import { readFileSync } from 'node:fs';
import { UsageError } from './command-error.js';
import { type Config, loadConfig } from './config.js';
import { ConfigError } from './config-error.js';
import { parseOptions } from './options.js';
import { requireNats } from './roles.js';

export interface ServerArguments {
  readonly config: Config;
  /** What to print instead of starting. */
  readonly print: 'config' | 'version' | 'help' | undefined;
}

/** Flags of the server. Throws a CommandError or ConfigError that says what is wrong. */
export function serverArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServerArguments {
  const { values, positionals } = parseOptions('', args, {
    config: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    port: { type: 'string' },
    host: { type: 'string' },
    data: { type: 'string' },
    role: { type: 'string' },
    nats: { type: 'string' },
    bucket: { type: 'string' },
    'print-config': { type: 'boolean', default: false },
    version: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (positionals.length > 0) throw new UsageError(`${positionals[0]}: what is this? see: skald help`);
  const { port, host, data, role, nats, bucket } = values;
  const config = loadConfig({
    ...(values.config === undefined ? {} : { file: { name: values.config, text: textOf(values.config) } }),
    environment,
    assignments: values.set,
    flags: {
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
      ...(data === undefined ? {} : { data }),
      ...(role === undefined ? {} : { role }),
      ...(nats === undefined ? {} : { nats }),
      ...(bucket === undefined ? {} : { bucket }),
    },
  });
  const print = values.help ? 'help' : values.version ? 'version' : values['print-config'] ? 'config' : undefined;
  if (print === undefined) requireNats(config.settings);
  return { config, print };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError([`--config ${file}: ${code === 'ENOENT' ? 'no such file' : `may not be read (${code})`}`]);
  }
}
