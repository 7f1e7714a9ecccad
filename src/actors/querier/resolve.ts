import { compileMatchers } from '../../execution/matchers.js';
import { isTenantLabel, tenantSelectors } from '../../execution/tenants.js';
import type { TableSelector } from '../../planning/facts.js';
import type { ScanTarget } from '../../planning/physical/node.js';
import { CorruptObject } from '../../storage/corrupt.js';
import type { Catalog, DamagedObject, MetastoreReader, WindowCoverage } from '../../storage/metastore/types.js';
import { address } from '../../wire/address.js';
import { FaultError, raise } from '../../wire/fault.js';
import type { LiveSnapshot } from '../../wire/message.js';
import { isManyTenants } from '../../wire/tenant.js';
import type { TimeRange } from '../../wire/time.js';
import type { Router } from '../runtime/router.js';
import type { QuerierSettings } from './settings.js';
import { type ResolvedSelector, scanTargets } from './targets.js';

/** What there is to scan for a selector. */
export interface ResolvedTargets {
  readonly targets: readonly ScanTarget[];
  readonly damaged: readonly DamagedObject[];
  /** By ingester: entries up to this sequence number are among the targets. */
  readonly throughSeq: readonly (readonly [ingester: string, seq: number])[];
}

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
    query: string,
    signal: AbortSignal,
  ): Promise<ResolvedSelector & { damaged: readonly DamagedObject[] }> {
    const { range } = selector;
    const live = await this.live(tenant, selector, query, signal);
    const covered = await Promise.all(
      live.map(async (entry) => ({
        ...entry,
        coverage:
          entry.snapshot.memtables.length > 0 ? await this.#coverage(tenant, entry.snapshot.ingester, range) : [],
      })),
    );
    const { sections, damaged } = await this.#catalog.resolve({
      tenant,
      range,
      matchers: compileMatchers(selector.matchers),
      needles: selector.needles,
      metadataEquals: selector.metadataEquals,
    });
    return { range, matchers: selector.matchers, sections, live: covered, windowNs: this.#settings.windowNs, damaged };
  }

  /**
   * Scan targets of a selector in every tenant that the request names and the selector's matchers on `__tenant_id__`
   * allow; oldest first within each. Only with several tenants is that label anything special.
   */
  async targets(tenant: string, selector: TableSelector, query: string, signal: AbortSignal): Promise<ResolvedTargets> {
    if (!isManyTenants(tenant)) {
      const resolved = await this.resolve(tenant, selector, query, signal);
      const throughSeq = resolved.live.map(({ snapshot }) => [snapshot.ingester, snapshot.throughSeq ?? 0] as const);
      return { targets: scanTargets(resolved), damaged: resolved.damaged, throughSeq };
    }
    const metadataEquals = selector.metadataEquals.filter(({ key }) => !isTenantLabel(key));
    const each = await Promise.all(
      tenantSelectors(tenant, selector.matchers).map(async ({ tenant: one, matchers }) => {
        const resolved = await this.resolve(one, { ...selector, matchers, metadataEquals }, query, signal);
        return {
          targets: scanTargets(resolved).map((target) => ({ ...target, tenant: one })),
          damaged: resolved.damaged,
        };
      }),
    );
    const damaged = each.flatMap((one) => one.damaged);
    return { targets: each.flatMap(({ targets }) => targets), damaged, throughSeq: [] };
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

  /** What every ingester holds of a selector. */
  live(
    tenant: string,
    { range, matchers }: { readonly range: TimeRange; readonly matchers: TableSelector['matchers'] },
    query: string,
    signal: AbortSignal,
  ): Promise<{ readonly address: string; readonly snapshot: LiveSnapshot }[]> {
    const { ingesters, resolveTimeoutMs: timeoutMs } = this.#settings;
    return Promise.all(
      ingesters().map(async (to) => {
        const reply = await this.#router.ask(
          this.#self,
          to,
          { kind: 'live.resolve', tenant, range, matchers, query },
          { timeoutMs, signal },
        );
        if (reply.kind === 'fault') {
          signal.throwIfAborted(); // says why, a timeout for one
          throw new FaultError(reply.fault);
        }
        return reply.kind === 'live'
          ? { address: to, snapshot: reply.snapshot }
          : raise('internal', `${to} answered live.resolve with ${reply.kind}`);
      }),
    );
  }

  release(query: string): void {
    for (const to of this.#settings.ingesters()) this.#router.tell(this.#self, to, { kind: 'live.release', query });
  }
}

export function ingesterAddress(instance: string): string {
  return address('ingester', instance);
}
