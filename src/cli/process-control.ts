import type { Process, RingMember, RingName, Service } from '../api/process.js';
import type { Config } from './config.js';
import type { Stage } from './gated-client.js';
import type { LimitsBook } from './limits-book.js';

export interface ProcessParts {
  readonly config: Config;
  readonly book: LimitsBook;
  /** The part of pino that is used here. */
  readonly log: { level: string; readonly levels: { readonly values: Readonly<Record<string, number>> } };
  readonly stage: () => Stage;
  /** Name of the ingester in the ring, once it is known. */
  readonly instance: () => string | undefined;
  /** Host and port of this process. */
  readonly address: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly startedMs: number;
  /** Lets queries through and pushes no more. */
  readonly retire: () => void;
  /** Ends the process; what is in memory is flushed, or left to the log. */
  readonly terminate: (flush: boolean) => void;
}

/** What runs in a process of all roles, as `/services` lists it. */
const SERVICES = ['distributor', 'ingester', 'querier', 'scheduler', 'worker'] as const;
/** Those that end when the ingester is shut down. */
const WRITERS: ReadonlySet<string> = new Set(['distributor', 'ingester']);

/** A single process: every ring has it as its only member, or does not exist. */
export function processControl(parts: ProcessParts): Process {
  const { config, book, log, stage } = parts;
  let isPrepared = false;
  return {
    config: (mode) => config.print(mode),
    tenantLimits: (tenant) => book.print(tenant),
    services: () => [{ name: 'server', state: 'Running' }, ...servicesAt(stage())],
    logLevel: () => log.level,
    setLogLevel: (level) => {
      if (level !== 'silent' && !Object.hasOwn(log.levels.values, level)) return false;
      log.level = level;
      return true;
    },
    ring: (name) => membersOf(name, parts),
    memberlist: () => undefined,
    isShutdownPrepared: () => isPrepared,
    prepareShutdown: (prepared) => {
      isPrepared = prepared;
    },
    shutdown: async ({ flush, terminate }) => {
      const now = stage();
      parts.retire();
      const flushed = flush && 'client' in now ? await now.client.flush() : ({ ok: true, value: undefined } as const);
      // What could not be flushed is in the log, so that the process may end all the same.
      if (terminate) parts.terminate(flush);
      return flushed;
    },
  };
}

function servicesAt(stage: Stage): Service[] {
  return SERVICES.map((name) => ({ name, state: serviceState(name, stage) }));
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

function membersOf(
  name: RingName,
  { config, stage, instance, address, now, startedMs }: ProcessParts,
): RingMember[] | undefined {
  const exists =
    name === 'ingester' ||
    name === 'distributor' ||
    name === 'scheduler' ||
    (name === 'pattern' && config.settings.pattern_ingester.enabled);
  if (!exists) return undefined;
  const id = instance();
  if (id === undefined) return [];
  const member = { id, state: memberState(stage()), address: address(), zone: '' };
  const share = name === 'ingester' ? { share: 1 } : {};
  return [{ ...member, registeredMs: startedMs, heardMs: now(), ...share }];
}

function memberState({ kind }: Stage): RingMember['state'] {
  switch (kind) {
    case 'starting':
      return 'PENDING';
    case 'running':
      return 'ACTIVE';
    case 'retired':
    case 'stopping':
      return 'LEAVING';
  }
}
