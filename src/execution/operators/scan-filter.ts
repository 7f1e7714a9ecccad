import { namesIn, readsMessage } from '../../planning/physical/counted.js';
import type { ColumnRef, Predicate } from '../../planning/physical/expression.js';
import { ALL_LABELS } from '../../planning/physical/expression.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import type { LogBatch } from '../batch/log-batch.js';
import { compilePredicate } from '../predicate/compile.js';
import { applyFilter, type RowFilter } from '../predicate/row-filter.js';

/** The conditions of a scan in the order that reads least: labels and metadata before the text of lines. */
export class ScanFilter {
  readonly readsMessage: boolean;
  readonly #filters: readonly RowFilter[];

  constructor(predicates: readonly Predicate[]) {
    const onText = predicates.filter(readsMessage);
    const onLabels = predicates.filter((predicate) => !readsMessage(predicate));
    this.#filters = [...onLabels, ...onText].map(compilePredicate);
    this.readsMessage = onText.length > 0;
  }

  apply(batch: LogBatch): void {
    for (const filter of this.#filters) applyFilter(batch, filter);
  }
}

/** Metadata keys a scan has to offer, `undefined` = all: what is projected, what is compared, and their moved names. */
export function metadataNeeded(scan: ScanOptions): ReadonlySet<string> | undefined {
  if (scan.projections === undefined || needsColumn(scan, ALL_LABELS)) return undefined;
  const projected = scan.projections.flatMap(({ type, name }) =>
    type === 'builtin' || type === 'generated' ? [] : name,
  );
  return new Set([...withMoved(projected), ...metadataTested(scan)]);
}

/** Metadata keys that the conditions of a scan look at. */
export function metadataTested(scan: ScanOptions): ReadonlySet<string> {
  return withMoved(scan.predicates.flatMap(namesIn));
}

/** Names together with those that they may have been moved from. */
function withMoved(names: readonly string[]): ReadonlySet<string> {
  const moved = names.filter((name) => name.endsWith('_extracted')).map((name) => name.slice(0, -'_extracted'.length));
  return new Set([...names, ...moved]);
}

export function needsColumn(scan: ScanOptions, column: ColumnRef): boolean {
  return (
    scan.projections === undefined ||
    scan.projections.some(({ type, name }) => type === column.type && name === column.name)
  );
}
