/**
 * Configuration: defaults, then a YAML file, then environment variables, then `--set`, then flags of their own; later
 * ones win. Everything is checked once, and every complaint names the key, where it was set and what is allowed.
 */
import type { TenantLimits } from '../wire/limits.js';
import { ConfigError } from './config-error.js';
import { tenantLimits } from './config-limits.js';
import type { SETTINGS, ValuesOf } from './config-schema.js';
import { type PrintMode, WrittenSettings } from './config-written.js';
import { parseRoles, type Role } from './roles.js';

type Values = ValuesOf<typeof SETTINGS>;

/** What the server runs with; frozen. Sizes are bytes, durations milliseconds. */
export type Settings = Omit<Values, 'role' | 'limits'> & {
  readonly roles: readonly Role[];
  readonly limits: TenantLimits;
};

export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of `--set`, e.g. `limits.reject_old_samples=false`. */
  readonly assignments: readonly string[];
  readonly flags: Readonly<Partial<Record<ConfigFlag, string>>>;
}

export interface Config {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  /** Every setting with its value in force, as YAML. */
  print(mode?: PrintMode): string;
}

/** Flags with a setting of their own, so that the common ones are short. */
export const CONFIG_FLAGS = {
  port: 'server.http_listen_port',
  host: 'server.http_listen_address',
  data: 'storage.directory',
  role: 'role',
  nats: 'nats.servers',
  bucket: 'storage.bucket',
} as const;
export type ConfigFlag = keyof typeof CONFIG_FLAGS;

/** Throws a ConfigError with every problem found. */
export function loadConfig(sources: ConfigSources): Config {
  const written = new WrittenSettings();
  if (sources.file !== undefined) written.readFile(sources.file.name, sources.file.text);
  written.readEnvironment(sources.environment);
  for (const assignment of sources.assignments) written.readAssignment(assignment);
  for (const [flag, path] of Object.entries(CONFIG_FLAGS)) {
    const value = sources.flags[flag as ConfigFlag];
    if (value !== undefined) written.readScalar(path, value, `--${flag}`);
  }
  const values = written.decode() as Values;
  if (written.problems.length > 0) throw new ConfigError(written.problems);
  const { role, limits, ...rest } = values;
  const settings = Object.freeze({ ...rest, roles: parseRoles(role), limits: tenantLimits(limits) });
  return { settings, warnings: written.warnings, print: (mode) => written.print(mode) };
}
