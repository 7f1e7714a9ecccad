import { setMaxListeners } from 'node:events';
import { compileMatchers } from '../../execution/matchers.js';
import { isTenantLabel, tenantSelectors } from '../../execution/tenants.js';
import type { TableSelector } from '../../planning/facts.js';
import type { ScanTarget } from '../../planning/physical/node.js';
import { CorruptObject } from '../../storage/corrupt.js';
import type {
  Catalog,
  DamagedObject,
  Enough,
  MetastoreReader,
  Resolution,
  WindowCoverage,
} from '../../storage/metastore/types.js';
import { type Address, address } from '../../wire/address.js';
import { type Fault, FaultError, raise } from '../../wire/fault.js';
import type { LiveResolveMessage } from '../../wire/messages/live.js';
import { isManyTenants } from '../../wire/tenant.js';
import type { TimeRange } from '../../wire/time.js';
import type { Router } from '../runtime/router.js';
import { askMemory, type LiveMemory, type MemoryAnswer, missingReplicas } from './live-memory.js';
import type { QuerierSettings } from './settings.js';
import { type ResolvedSelector, scanTargets } from './targets.js';

/** What there is to scan for a selector. */
export interface ResolvedTargets {
  readonly targets: readonly ScanTarget[];
  readonly damaged: readonly DamagedObject[];
  /** By ingester: entries up to this sequence number are among the targets. */
  readonly throughSeq: readonly (readonly [ingester: string, seq: number])[];
  /** Why entries may be missing. */
  readonly warnings: readonly string[];
  /** Where the first rows may be enough: what part of the range was looked up, and how to go on if there is more. */
  readonly part?: { readonly range: TimeRange; readonly next?: () => Promise<ResolvedTargets> };
}

/** What a look-up is for. */
export interface LookUp {
  /** Names what ingesters hold for it, until `release`. */
  readonly query: string;
  readonly signal: AbortSignal;
  /** Go on without ingesters of which more are silent than replicas can stand in for. */
  readonly allowPartial?: boolean;
  /** So much of the first rows is looked up at first, and then four times as much, if it was not enough. */
  readonly enough?: Enough;
}

const MORE_EACH_TIME = 4;

/** What memory has of a selector, and what of that is in objects by now. */
type ResolvedMemory = Pick<ResolvedSelector, 'live'> & { readonly warnings: readonly string[] };

/** Looks selectors up in memory and in the catalogue. */
export class Resolver {
  readonly #self: string;
  readonly #router: Router;
  readonly #catalog: Catalog;
  readonly #metastore: MetastoreReader;
  readonly #settings: QuerierSettings;

  constructor(self: string, router: Router, catalog: Catalog, metastore: MetastoreReader, settings: QuerierSettings) {
    this.#self = self;
    this.#router = router;
    this.#catalog = catalog;
    this.#metastore = metastore;
    this.#settings = settings;
  }

  /**
   * Memory first, then what is known to be durable, then the catalogue. A memtable flushed in between is thus seen
   * twice or, when the coverage tells, once, but never missed; entries seen twice are dropped by the scans' comparison
   * of overlapping targets.
   */
  async resolve(
    tenant: string,
    selector: TableSelector,
    look: LookUp,
  ): Promise<ResolvedSelector & { damaged: readonly DamagedObject[]; warnings: readonly string[] }> {
    const memory = await this.#memory(tenant, selector, look);
    const { sections, damaged } = await this.#stored(tenant, selector);
    const { windowNs } = this.#settings;
    return { range: selector.range, matchers: selector.matchers, sections, windowNs, damaged, ...memory };
  }

  async #memory(tenant: string, selector: TableSelector, look: LookUp): Promise<ResolvedMemory> {
    const { live, warnings } = await this.live(tenant, selector, look);
    const covered = live.map(async (entry) => {
      const isEmpty = entry.snapshot.memtables.length === 0;
      const coverage = isEmpty ? [] : await this.#coverage(tenant, entry.snapshot.ingester, selector.range);
      return { ...entry, coverage };
    });
    return { live: await Promise.all(covered), warnings };
  }

  #stored(tenant: string, selector: TableSelector, enough?: Enough): Promise<Resolution> {
    const { range, needles, metadataEquals } = selector;
    const matchers = compileMatchers(selector.matchers);
    return this.#catalog.resolve({ tenant, range, matchers, needles, metadataEquals, ...(enough && { enough }) });
  }

  /** What memory holds was looked up for all of the range before, so later parts have no entries that the first could not have had. */
  async #targets(
    tenant: string,
    selector: TableSelector,
    memory: ResolvedMemory,
    enough?: Enough,
  ): Promise<ResolvedTargets> {
    const { sections, damaged, rest } = await this.#stored(tenant, selector, enough);
    const { matchers } = selector;
    const range = rest ? without(selector.range, rest) : selector.range;
    const targets = scanTargets({ range, matchers, sections, live: memory.live, windowNs: this.#settings.windowNs });
    const throughSeq = memory.live.map(({ snapshot }) => [snapshot.ingester, snapshot.throughSeq ?? 0] as const);
    const found = { targets, damaged, throughSeq, warnings: memory.warnings };
    if (!enough) return found;
    if (!rest) return { ...found, part: { range } };
    const more = { ...enough, bytes: enough.bytes * MORE_EACH_TIME };
    const next = (): Promise<ResolvedTargets> => this.#targets(tenant, { ...selector, range: rest }, memory, more);
    return { ...found, part: { range, next } };
  }

  /**
   * Scan targets of a selector in every tenant that the request names and the selector's matchers on `__tenant_id__`
   * allow; oldest first within each. Only with several tenants is that label anything special.
   */
  async targets(tenant: string, selector: TableSelector, look: LookUp): Promise<ResolvedTargets> {
    if (!isManyTenants(tenant)) {
      const memory = await this.#memory(tenant, selector, look);
      const { enough } = look;
      return this.#targets(tenant, selector, memory, enough && besides(enough, bytesIn(memory)));
    }
    const metadataEquals = selector.metadataEquals.filter(({ key }) => !isTenantLabel(key));
    const each = await Promise.all(
      tenantSelectors(tenant, selector.matchers).map(async ({ tenant: one, matchers }) => {
        const resolved = await this.resolve(one, { ...selector, matchers, metadataEquals }, look);
        return {
          targets: scanTargets(resolved).map((target) => ({ ...target, tenant: one })),
          damaged: resolved.damaged,
          warnings: resolved.warnings,
        };
      }),
    );
    const damaged = each.flatMap((one) => one.damaged);
    const warnings = each.flatMap((one) => one.warnings);
    return { targets: each.flatMap(({ targets }) => targets), damaged, throughSeq: [], warnings };
  }

  /** Unknown where a table of contents is damaged: memory is then read in full, and the catalogue reports the damage. */
  async #coverage(tenant: string, writer: string, range: TimeRange): Promise<readonly WindowCoverage[]> {
    try {
      return await this.#metastore.coverage(tenant, writer, range);
    } catch (error) {
      if (error instanceof CorruptObject) return [];
      throw error;
    }
  }

  /**
   * What every ingester holds of a selector. Throws `unavailable` when so many are silent that entries may be missing,
   * unless that is allowed: then it is a warning.
   */
  async live(
    tenant: string,
    { range, matchers }: { readonly range: TimeRange; readonly matchers: TableSelector['matchers'] },
    { query, signal, allowPartial = false }: LookUp,
  ): Promise<{ readonly live: LiveMemory['live']; readonly warnings: readonly string[] }> {
    const { ingesters, deadIngesters, leftIngesters, replicationFactor } = this.#settings;
    const [present, dead, left] = [ingesters(), deadIngesters(), leftIngesters()];
    // All are asked at once, and each listens; more than ten would look like a leak.
    setMaxListeners(0, signal);
    const memory = await askMemory(present, dead, (to, heldOf) => {
      const held = heldOf.length > 0 ? { heldOf } : {};
      return this.#ask(to, { kind: 'live.resolve', tenant, range, matchers, query, ...held }, signal);
    });
    // Who answers for a partition may be another one by the time its memory is read.
    const live = memory.live.map(({ snapshot }) => ({ address: ingesterAddress(snapshot.ingester), snapshot }));
    // One that had left may be back by now, and still it was not asked.
    const known = new Set([...left, ...ingesters(), ...deadIngesters(), ...leftIngesters()]);
    const unasked = [...known].filter((one) => !present.includes(one) && !dead.includes(one));
    const missing = missingReplicas(memory, unasked, replicationFactor);
    if (missing === undefined) return { live, warnings: [] };
    if (!allowPartial) {
      return raise('unavailable', `${missing}; try again, or allow partial results with allow_partial=true`);
    }
    return { live, warnings: [`results are partial: ${missing}`] };
  }

  async #ask(to: Address, message: LiveResolveMessage, signal: AbortSignal): Promise<MemoryAnswer> {
    const { replicationFactor, ingesterSilentMs, resolveTimeoutMs } = this.#settings;
    // Nobody stands in for an ingester without replicas: it is waited for.
    const timeoutMs = replicationFactor > 1 ? Math.min(ingesterSilentMs, resolveTimeoutMs) : resolveTimeoutMs;
    const reply = await this.#router.ask(this.#self, to, message, { timeoutMs, signal });
    if (reply.kind === 'live') return { snapshot: reply.snapshot };
    if (reply.kind !== 'fault') return raise('internal', `${to} answered live.resolve with ${reply.kind}`);
    signal.throwIfAborted(); // says why, a timeout for one
    if (!isSilence(reply.fault)) throw new FaultError(reply.fault);
    return { silent: reply.fault.message };
  }

  release(query: string): void {
    for (const to of this.#settings.ingesters()) this.#router.tell(this.#self, to, { kind: 'live.release', query });
  }
}

function bytesIn({ live }: ResolvedMemory): number {
  return live.reduce((sum, { snapshot }) => snapshot.memtables.reduce((bytes, table) => bytes + table.bytes, sum), 0);
}

/** What memory holds counts, too. */
function besides(enough: Enough, bytes: number): Enough {
  return { ...enough, storedBytesMax: enough.storedBytesMax - bytes };
}

/** A range without its first or its last part. */
function without({ start, end }: TimeRange, part: TimeRange): TimeRange {
  return part.start > start ? { start, end: part.start } : { start: part.end, end };
}

/** Whether others that have the same may be asked instead. */
function isSilence({ code }: Fault): boolean {
  return code === 'unavailable' || code === 'timeout' || code === 'limited';
}

export function ingesterAddress(instance: string): string {
  return address('ingester', instance);
}
