import type { Process, Service } from '../api/process.js';
import { fault } from '../wire/fault.js';
import type { Config } from './config.js';
import type { Stage } from './gated-client.js';
import type { LimitsBook } from './limits-book.js';
import { type Component, componentsOf } from './roles.js';
import { gossipers, refusedToForget, ringMembers } from './system/rings.js';
import type { System } from './system/system-node.js';

export interface ProcessParts {
  readonly config: Config;
  readonly book: LimitsBook;
  /** The part of pino that is used here. */
  readonly log: { level: string; readonly levels: { readonly values: Readonly<Record<string, number>> } };
  readonly stage: () => Stage;
  /** Once there is one. */
  readonly system: () => Pick<System, 'peers' | 'silenceMs' | 'forget'> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Lets queries through and pushes no more. */
  readonly retire: () => void;
  /** Ends the process; what is in memory is flushed, or left to the log. */
  readonly terminate: (flush: boolean) => void;
}

/** What may run in a process, as `/services` lists it. */
const SERVICES = ['distributor', 'ingester', 'querier', 'scheduler', 'worker'] as const;
/** Those that end when the ingester is shut down. */
const WRITERS: ReadonlySet<string> = new Set(['distributor', 'ingester']);

export function processControl(parts: ProcessParts): Process {
  const { config, book, log, stage, system, now } = parts;
  const components = componentsOf(config.settings.roles);
  let isPrepared = false;
  return {
    config: (mode) => config.print(mode),
    tenantLimits: (tenant) => book.print(tenant),
    services: () => [{ name: 'server', state: 'Running' }, ...servicesAt(stage(), components)],
    logLevel: () => log.level,
    setLogLevel: (level) => {
      if (level !== 'silent' && !Object.hasOwn(log.levels.values, level)) return false;
      log.level = level;
      return true;
    },
    ring: (name) => ringMembers(name, system(), now()),
    forget: (name, id) => {
      const refusal = refusedToForget(id, ringMembers(name, system(), now()));
      if (refusal !== undefined) return { ok: false, fault: refusal };
      system()?.forget(id);
      return { ok: true, value: undefined };
    },
    memberlist: () => gossipers(system(), now()),
    isShutdownPrepared: () => isPrepared,
    prepareShutdown: (prepared) => {
      isPrepared = prepared;
    },
    shutdown: async ({ flush, terminate }) => {
      if (!components.has('ingester')) return { ok: false, fault: fault('not-found', 'this process has no ingester') };
      const at = stage();
      parts.retire();
      const flushed = flush && 'client' in at ? await at.client.flush() : ({ ok: true, value: undefined } as const);
      // What could not be flushed is in the log, so that the process may end all the same.
      if (terminate) parts.terminate(flush);
      return flushed;
    },
  };
}

function servicesAt(stage: Stage, components: ReadonlySet<Component>): Service[] {
  return SERVICES.filter((name) => components.has(name)).map((name) => ({ name, state: serviceState(name, stage) }));
}

function serviceState(name: string, { kind }: Stage): Service['state'] {
  switch (kind) {
    case 'starting':
      return 'Starting';
    case 'running':
      return 'Running';
    case 'retired':
      return WRITERS.has(name) ? 'Terminated' : 'Running';
    case 'stopping':
      return 'Stopping';
  }
}
