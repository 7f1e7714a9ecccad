import { parse, stringify } from 'yaml';
import type { TenantLimits } from '../wire/limits.js';
import { strictestLimits } from '../wire/strictest-limits.js';
import { isManyTenants, tenantsOf } from '../wire/tenant.js';
import { ConfigError } from './config-error.js';
import { LIMITS, overriddenLimits, printableLimits, type WrittenLimits } from './config-limits.js';
import type { Setting } from './config-values.js';
import { nearest } from './nearest.js';

export type Overrides = ReadonlyMap<string, Partial<WrittenLimits>>;

/** The limits of every tenant: those of the configuration, and what the runtime configuration says otherwise. */
export class LimitsBook {
  readonly #base: TenantLimits;
  #byTenant: ReadonlyMap<string, TenantLimits> = new Map();

  constructor(base: TenantLimits) {
    this.#base = base;
  }

  /** Takes the place of all overrides so far. */
  override(overrides: Overrides): void {
    this.#byTenant = new Map(
      [...overrides].map(([tenant, written]) => [tenant, overriddenLimits(this.#base, written)]),
    );
  }

  /** The same object as long as the limits are the same. For several tenants of all the strictest. */
  readonly of = (tenant: string): TenantLimits =>
    isManyTenants(tenant)
      ? strictestLimits(tenantsOf(tenant).map(this.of))
      : (this.#byTenant.get(tenant) ?? this.#base);

  /** YAML with Loki's names and notation. */
  print(tenant: string): string {
    return stringify(printableLimits(this.of(tenant)));
  }
}

/**
 * The runtime configuration file, as Loki has it: `overrides:` with limits by tenant. Throws a ConfigError with every
 * problem found.
 */
export function parseOverrides(file: string, text: string): Overrides {
  const problems: string[] = [];
  const tenants = blockOf(readYaml(file, text), file, ['overrides'], problems).get('overrides');
  const overrides = new Map<string, Partial<WrittenLimits>>();
  for (const [tenant, limits] of blockOf(tenants, `${file}: overrides`, undefined, problems)) {
    const source = `${file}: overrides.${tenant}`;
    const written = [...blockOf(limits, source, Object.keys(LIMITS), problems)].map(([name, value]) => {
      const { schema, allowed }: Setting<unknown> = LIMITS[name as keyof WrittenLimits];
      const decoded = schema.safeParse(value);
      if (!decoded.success) problems.push(`${source}.${name}: must be ${allowed}`);
      return [name, decoded.data] as const;
    });
    overrides.set(tenant, Object.fromEntries(written));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return overrides;
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError([`${file}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** The keys of a block, which may be empty; with `known`, others are problems. */
function blockOf(
  node: unknown,
  source: string,
  known: readonly string[] | undefined,
  problems: string[],
): ReadonlyMap<string, unknown> {
  if (node === null || node === undefined) return new Map();
  if (typeof node !== 'object' || Array.isArray(node)) {
    problems.push(`${source}: must be a block of keys`);
    return new Map();
  }
  const entries = Object.entries(node);
  if (known === undefined) return new Map(entries);
  for (const [key] of entries.filter(([name]) => !known.includes(name))) {
    const meant = nearest(key, known);
    problems.push(`${source}.${key}: there is no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
  return new Map(entries.filter(([name]) => known.includes(name)));
}
