import { MESSAGE, type Predicate } from './expression.js';
import type { Node, RangeAggregation, ScanOptions } from './node.js';

/** What the index of a section says about its metadata, for those who would count its rows without reading them. */
export interface CountedSection {
  /** Metadata keys that rows of the section have. */
  hasKey(name: string): boolean;
  readonly counted: readonly CountedTable[];
}

export interface CountedTable {
  /** The keys it tells apart. */
  readonly keys: readonly string[];
  readonly widthNs: number;
  /** How many it has. */
  readonly bins: number;
}

type Windows = Pick<RangeAggregation, 'start' | 'stepNs' | 'rangeNs' | 'offsetNs'>;

/** True for aggregations of the number or the bytes of rows: a row may then stand for many. */
export function isCounting(node: Node): boolean {
  return (
    node.kind === 'range-aggregation' &&
    (node.operation === 'count' || node.operation === 'bytes' || node.operation === 'absent')
  );
}

/** The metadata keys that a scan asks for, which counts must tell apart to answer it; undefined when none can. */
export function keysToCount(scan: ScanOptions, section: CountedSection): string[] | undefined {
  if (scan.projections === undefined || scan.predicates.some(readsMessage)) return undefined;
  const keys: string[] = [];
  for (const name of namesAsked(scan)) {
    // A name may be a label's, moved aside by metadata of the same name, and `*` is all labels.
    if (name === '*' || name.startsWith('__error') || name.endsWith('_extracted')) return undefined;
    if (section.hasKey(name)) keys.push(name);
  }
  return keys;
}

/** Names of labels or metadata that the rows of a scan are asked for, by its conditions or by those above it. */
export function namesAsked({ predicates, projections = [] }: ScanOptions): ReadonlySet<string> {
  const asked = new Set(predicates.flatMap(namesIn));
  for (const { type, name } of projections) if (type !== 'builtin' && type !== 'generated') asked.add(name);
  return asked;
}

/** Whether tables of counts may answer a scan: if so, next to nothing is read. */
export function countsMayAnswer(scan: ScanOptions, section: CountedSection): boolean {
  const keys = keysToCount(scan, section);
  return keys !== undefined && section.counted.some((table) => tellsApart(table, keys));
}

/** The bins that answer a scan without any of them being cut by a window; undefined where no table has such. */
export function wholeBins(scan: ScanOptions, section: CountedSection, windows: Windows): number | undefined {
  const keys = keysToCount(scan, section);
  if (keys === undefined) return undefined;
  const tables = section.counted.filter((table) => tellsApart(table, keys) && isAligned(windows, table.widthNs));
  return tables.length === 0 ? undefined : Math.min(...tables.map(({ bins }) => bins));
}

/** True when all bounds of windows are multiples of `width` (ns) since the epoch. */
export function isAligned({ start, stepNs, rangeNs, offsetNs }: Windows, width: number): boolean {
  return stepNs % width === 0 && rangeNs % width === 0 && (start - BigInt(offsetNs)) % BigInt(width) === 0n;
}

export function tellsApart(table: { readonly keys: readonly string[] }, keys: readonly string[]): boolean {
  return keys.every((key) => table.keys.includes(key));
}

export function readsMessage(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'compare':
      return predicate.column.type === 'builtin' && predicate.column.name === MESSAGE.name;
    case 'not':
      return readsMessage(predicate.inner);
    case 'and':
    case 'or':
      return readsMessage(predicate.left) || readsMessage(predicate.right);
  }
}

/** Names a predicate looks up among labels and metadata. */
export function namesIn(predicate: Predicate): string[] {
  switch (predicate.kind) {
    case 'compare':
      return predicate.column.type === 'builtin' ? [] : [predicate.column.name];
    case 'not':
      return namesIn(predicate.inner);
    case 'and':
    case 'or':
      return [...namesIn(predicate.left), ...namesIn(predicate.right)];
  }
}
