/** What the planner is told about the stored data: facts, not services, so that planning stays a pure function. */
import type { TimeRange } from '../wire/time.js';
import type { Matcher } from './logql/ast.js';
import type { ScanTarget } from './physical/node.js';

/** What has to be known before a query can be lowered: one for each selector in it, in the order of the query. */
export interface TableSelector {
  readonly matchers: readonly Matcher[];
  /** Every row that any evaluation reads; half-open. */
  readonly range: TimeRange;
  /** AND of ORs: a row can only matter if its line contains, for every group, one of the group's needles. */
  readonly needles: readonly (readonly Uint8Array[])[];
  /**
   * AND: a row can only matter if, for every item, its metadata `key` has one of `values`; says nothing about streams
   * with a label of that name, since the name then means the label.
   */
  readonly metadataEquals: readonly { readonly key: string; readonly values: readonly string[] }[];
}

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
