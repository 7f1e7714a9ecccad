/** What the planner is told about the stored data: facts, not services, so that planning stays a pure function. */
import type { ScanTarget } from './physical/node.js';

/** The targets that may hold rows of one selector in one time range, as resolved by catalogue and ingesters. */
export interface CatalogSnapshot {
  /** Ordered by age, oldest first. */
  readonly targets: readonly ScanTarget[];
}

/** How a query is to be evaluated. */
export interface QueryParameters {
  readonly start: bigint;
  readonly end: bigint;
  /** 0 for an instant query. */
  readonly stepNs: number;
  /** Log queries only. */
  readonly limit: number;
  readonly direction: 'forward' | 'backward';
  /** B9 `interval` in ns, 0 = none. */
  readonly intervalNs: number;
}
